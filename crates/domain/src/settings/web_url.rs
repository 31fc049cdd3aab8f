use serde::{Deserialize, Serialize};

use crate::text_form::{problems, text_form};

/// The address of a page or an image, such as `https://goldenspoon.io/menu`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebUrl {
    text: String,
}

text_form!(WebUrl, WebUrlProblem, WebUrl::parse);

problems! {
    /// The reason why a text is not a valid web address.
    WebUrlProblem {
        Scheme = "scheme", "A web address begins with https:// or http://. Enter the complete address.";
        Host = "host", "The web address has no valid host name. Enter an address such as https://example.com.";
        Character = "character", "A web address cannot contain spaces, quotes or other special characters. Remove them.";
        TooLong = "too_long", "A web address can have at most 300 characters. Enter a shorter one.";
    }
}

impl WebUrl {
    /// The maximum length in characters.
    pub(crate) const MAX_LENGTH: usize = 300;

    /// Parses an address with the scheme `https` or `http` and a host name with a dot. An international host
    /// may be in Unicode. The address has no user name and no password.
    ///
    /// # Errors
    /// The first rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, WebUrlProblem> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").ok_or(WebUrlProblem::Scheme)?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "https" && scheme != "http" {
            return Err(WebUrlProblem::Scheme);
        }
        if text.chars().any(is_forbidden) {
            return Err(WebUrlProblem::Character);
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
        if !is_host(host) || port.parse::<u16>().is_err() {
            return Err(WebUrlProblem::Host);
        }
        let text = format!("{scheme}://{rest}");
        match text.chars().count() > Self::MAX_LENGTH {
            true => Err(WebUrlProblem::TooLong),
            false => Ok(Self { text }),
        }
    }
}

fn is_forbidden(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || crate::field::is_forbidden_format_character(c)
        || matches!(c, '"' | '\'' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || !c.is_ascii())
    };
    host.contains('.') && host.split('.').all(is_label)
}
