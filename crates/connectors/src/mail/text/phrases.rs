//! Names, roles and dates inside sentences.

use domain::Timestamp;

use crate::mail::address::one_line;

/// A name inside a sentence. A right-to-left name is isolated, so that it does not reorder the sentence.
pub(super) fn name(text: &str) -> String {
    let text = one_line(text);
    if text.chars().any(is_right_to_left) { format!("\u{2068}{text}\u{2069}") } else { text }
}

/// A name that somebody chose for a message to a stranger, or `other` if the name could be shown as a link.
pub(super) fn public_name(text: &str, other: &str) -> String {
    let text = name(text);
    if looks_like_link(&text) || text.is_empty() { other.to_owned() } else { text }
}

/// Whether mail clients could show a text as a link. Messages to strangers do not repeat such a name, because
/// the person who chose it could otherwise send links to any address.
pub(crate) fn looks_like_link(text: &str) -> bool {
    let begins_with_word = |part: &str| part.chars().take(2).filter(|c| c.is_alphanumeric()).count() == 2;
    text.contains(['/', '@', '<', '>']) || text.split('.').skip(1).any(begins_with_word)
}

/// Whether the character belongs to a script that is written from right to left, such as Hebrew or Arabic.
const fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}')
}

/// The person who invites, or the platform.
pub(super) fn inviter(invited_by: Option<&str>, sender: &str) -> String {
    invited_by.map_or_else(|| sender.to_owned(), |member| public_name(member, "A member"))
}

/// A role with its article.
pub(super) fn role_text(role: &str) -> &str {
    match role {
        "owner" => "the owner",
        "admin" => "an admin",
        _ => "a member",
    }
}

/// A date and a time of day, such as `4 December 2026, 08:00 UTC`.
pub(super) fn date(timestamp: Timestamp) -> String {
    let time = timestamp.date_time();
    format!("{}, {:02}:{:02} UTC", timestamp.utc_date_text(), time.hour, time.minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_a_link_is_not_repeated() {
        for text in ["evil.com", "See https://x", "a@b", "Win at www.evil.example now", "<b>"] {
            assert_eq!(public_name(text, "a member"), "a member", "{text}");
        }
        for text in ["Golden Spoon Ltd.", "A. B. Co", "St. Mary's"] {
            assert_eq!(public_name(text, "a member"), text);
        }
    }

    #[test]
    fn a_right_to_left_name_is_isolated() {
        assert_eq!(name("מסעדה"), "\u{2068}מסעדה\u{2069}");
        assert_eq!(name("Golden Spoon 🍽"), "Golden Spoon 🍽");
    }

    #[test]
    fn a_date_names_the_month() {
        assert_eq!(date(Timestamp(1_796_371_200_000)), "4 December 2026, 08:00 UTC");
    }
}
