//! Recognises secrets in imported files, by the name of the field and by the value.

/// Words that make a field a credential.
const WORDS: [&str; 16] = [
    "password",
    "passwords",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "secrets",
    "token",
    "tokens",
    "credential",
    "credentials",
    "apikey",
    "apikeys",
    "privatekey",
    "dsn",
    "pat",
];
/// Words before `key` or `keys` that make a field a credential.
const KINDS_OF_KEYS: [&str; 11] = [
    "api",
    "private",
    "access",
    "secret",
    "signing",
    "encryption",
    "auth",
    "account",
    "shared",
    "master",
    "license",
];
/// Last words that make a field a description of a credential.
const DESCRIPTIONS: [&str; 22] = [
    "url", "uri", "endpoint", "name", "id", "policy", "length", "ttl", "expiry", "expires", "path", "file",
    "arn", "count", "limit", "enabled", "required", "type", "header", "days", "minutes", "seconds",
];
/// The beginnings of well-known secrets.
const PREFIXES: [&str; 17] = [
    "SG.",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "sk-",
    "AKIA",
    "ASIA",
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "whsec_",
    "eyJ",
    "AIza",
    "key-",
];
/// The shortest secret that is recognised by its beginning.
const MIN_PREFIXED: usize = 20;

/// Whether a field with this name holds a credential.
pub(super) fn is_credential_name(name: &str) -> bool {
    let words = words(name);
    if words.first().is_some_and(|word| word == "max" || word == "min")
        || words.last().is_some_and(|word| DESCRIPTIONS.contains(&word.as_str()))
    {
        return false;
    }
    words.iter().any(|word| WORDS.contains(&word.as_str()))
        || words.windows(2).any(|pair| {
            KINDS_OF_KEYS.contains(&pair[0].as_str()) && matches!(pair[1].as_str(), "key" | "keys")
                || pair[0] == "connection" && pair[1] == "string"
        })
}

/// The words of a name in `snake_case`, `kebab-case` or `camelCase`, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lowercase = false;
    for c in name.chars() {
        let begins = c.is_uppercase() && was_lowercase;
        was_lowercase = c.is_lowercase() || c.is_ascii_digit();
        if !c.is_alphanumeric() || begins {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a text is one reference to a value that is kept elsewhere, such as `${SMTP_PASSWORD}`.
pub(super) fn is_reference(text: &str) -> bool {
    let name = text.trim().strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// Whether a text contains a reference.
pub(super) fn has_reference(text: &str) -> bool {
    text.match_indices("${").any(|(start, _)| {
        let rest = &text[start..];
        let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '_';
        let end = rest[2..].find(is_end).map(|end| end + 2);
        end.is_some_and(|end| rest[end..].starts_with('}') && is_reference(&rest[..=end]))
    })
}

/// Whether a text is a secret under any name: a key with a well-known form, or an address with a password.
pub(super) fn is_secret_text(text: &str) -> bool {
    let text = text.trim();
    if text.contains("PRIVATE KEY-----") || has_password_in_url(text) || has_password_in_pairs(text) {
        return true;
    }
    text.len() >= MIN_PREFIXED
        && !text.contains(char::is_whitespace)
        && PREFIXES.iter().any(|prefix| text.starts_with(prefix))
}

/// Whether an address has a literal password: `scheme://user:password@host`.
fn has_password_in_url(text: &str) -> bool {
    // Searched once, and not after each `://`, because a hostile text may have many.
    let last_at = text.rfind('@');
    let starts: Vec<usize> = text.match_indices("://").map(|(start, _)| start + 3).collect();
    starts.iter().enumerate().any(|(index, start)| {
        let next = starts.get(index + 1).map_or(text.len(), |next| *next);
        let part = &text[*start..next];
        let authority = part.split(['/', '?', '#', ' ', ',']).next().unwrap_or_default();
        // A password may itself contain an `@` or a `/`.
        let rest = last_at.filter(|at| at >= start).map(|at| &text[*start..at]);
        let user_info = authority.rsplit_once('@').map(|(info, _)| info).or(rest);
        let password = user_info.and_then(|info| info.split_once(':')).map(|(_, password)| password);
        password.is_some_and(|password| !password.is_empty() && !is_reference(password))
    })
}

/// Whether a list of settings has a literal password: `Server=db;Password=…`, `host=db password=…`.
fn has_password_in_pairs(text: &str) -> bool {
    text.split([';', ' ', '&', '?', '\n']).filter_map(|pair| pair.split_once('=')).any(|(name, value)| {
        !value.trim().is_empty() && !is_reference(value) && is_credential_name(name.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_credentials_are_recognised() {
        for name in [
            "password",
            "smtp_password",
            "smtpPassword",
            "api_key",
            "apiKey",
            "API-KEY",
            "private_key",
            "client_secret",
            "token",
            "AUTH_TOKEN",
            "credentials",
            "connection_string",
            "aws_secret_access_key",
            "dsn",
        ] {
            assert!(is_credential_name(name), "{name}");
        }
        for name in [
            "host",
            "port",
            "token_url",
            "password_policy",
            "max_tokens",
            "api_key_id",
            "private_key_path",
            "secret_name",
            "keyboard",
            "tokenizer",
            "passport",
        ] {
            assert!(!is_credential_name(name), "{name}");
        }
    }

    #[test]
    fn values_that_are_secrets_are_recognised() {
        for text in [
            "postgres://app:hunter2@db/app",
            "postgres://app:p@ss/word@db/app",
            "amqps://u:p@h",
            "Server=db;User=sa;Password=hunter2",
            "host=db user=app password=hunter2",
            "https://hooks.example.com/?token=abc123",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
            "SG.abcdefghijklmnopqrstuvwxyz",
            "AKIAIOSFODNN7EXAMPLE1",
        ] {
            assert!(is_secret_text(text), "{text}");
        }
        for text in [
            "postgres://app@db/app",
            "postgres://app:${DB_PASSWORD}@db/app",
            "https://example.com:8080/x",
            "eu-west-1",
            "SG.",
            "Server=db;Password=${SQL_PASSWORD}",
            "mailto:ada@example.com",
            "https://example.com/a:b",
        ] {
            assert!(!is_secret_text(text), "{text}");
        }
    }

    #[test]
    fn a_hostile_text_is_searched_in_linear_time() {
        let started = std::time::Instant::now();
        for part in ["x://", "x://a:b", "${", "${A", "k=v;", "x://a:${A}@"] {
            let text = part.repeat(1024 * 1024 / part.len());
            is_secret_text(&text);
            has_reference(&text);
        }
        // A search of quadratic time takes minutes.
        assert!(started.elapsed() < std::time::Duration::from_secs(10));
    }

    #[test]
    fn a_reference_is_a_name_in_braces() {
        for text in ["${A}", "${SMTP_PASSWORD}", " ${_x1} "] {
            assert!(is_reference(text), "{text}");
        }
        for text in ["$A", "${}", "${A:-secret}", "x${A}", "${A}${B}", "${1}", "${A B}"] {
            assert!(!is_reference(text), "{text}");
        }
        assert!(has_reference("https://${CDN}/logo.png") && !has_reference("https://cdn/{x}"));
    }
}
