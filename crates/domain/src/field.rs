//! Problems of single input fields.

mod parsed;

use serde::{Deserialize, Serialize};

use crate::normalization::nfc;
pub use parsed::Parsed;
pub(crate) use parsed::TextFields;

/// A problem of a text, which becomes the problem of the field that has the text.
pub(crate) trait InField {
    /// Returns the problem of the field with this path.
    fn in_field(self, path: &str) -> FieldProblem;
}

/// A problem that already names its field.
impl InField for FieldProblem {
    fn in_field(self, _: &str) -> FieldProblem {
        self
    }
}

/// The problem of one field. A refused input lists the problems of all its fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldProblem {
    /// The path in the input, such as `owner.email`.
    pub field: String,
    /// The stable name of the violated rule, such as `too_short`.
    pub rule: String,
    /// The message for users: the rule, and how to fix the value.
    pub message: String,
}

impl FieldProblem {
    /// Creates the problem of one field.
    pub fn new(field: &str, rule: &str, message: &str) -> Self {
        Self { field: field.into(), rule: rule.into(), message: message.into() }
    }
}

/// Parses one line of text, trims it and normalises it to NFC. The line has 1 to `max` characters, of which
/// at least one is visible. It may contain neither control characters nor forbidden format characters.
///
/// # Errors
/// The rule that `raw` breaks. `label` names the field in the message, for instance "the owner's name".
pub fn parse_line(field: &str, label: &str, raw: &str, max: usize) -> Result<String, FieldProblem> {
    let text = nfc(raw.trim());
    if !text.chars().any(is_visible) {
        return Err(FieldProblem::new(field, "required", &format!("Enter {label}.")));
    }
    check_characters(field, label, &text, max, |c| c.is_control())?;
    Ok(text)
}

/// Parses a text that may be empty and may have several lines, and normalises it to NFC. A line ends with
/// a line feed.
///
/// # Errors
/// The rule that `raw` breaks. `label` names the field in the message, for instance "the description".
pub fn parse_text(field: &str, label: &str, raw: &str, max: usize) -> Result<String, FieldProblem> {
    let text = nfc(raw).replace("\r\n", "\n");
    check_characters(field, label, &text, max, |c| c.is_control() && c != '\n')?;
    Ok(text)
}

/// Checks the length of a text, and that it contains neither control characters nor forbidden format
/// characters.
fn check_characters(
    field: &str,
    label: &str,
    text: &str,
    max: usize,
    is_control: fn(char) -> bool,
) -> Result<(), FieldProblem> {
    if text.chars().any(|c| is_control(c) || is_forbidden_format_character(c)) {
        let message = format!("Remove the invisible characters from {label}.");
        return Err(FieldProblem::new(field, "control_characters", &message));
    }
    if text.chars().count() > max {
        let message = format!("Shorten {label} to at most {max} characters.");
        return Err(FieldProblem::new(field, "too_long", &message));
    }
    Ok(())
}

/// Whether a character is drawn. Whitespace, joiners, fillers, variation selectors and tags are not.
fn is_visible(c: char) -> bool {
    let is_drawn_empty = matches!(c,
            '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200C}'
            | '\u{200D}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{E0000}'..='\u{E01EF}');
    !(is_drawn_empty || c.is_whitespace() || is_forbidden_format_character(c))
}

/// Whether a character is an invisible format character, or changes the text direction. The joiners U+200C
/// and U+200D do not count, because some scripts need them.
pub(crate) fn is_forbidden_format_character(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Option<String> {
        parse_line("name", "the name", text, 20).err().map(|problem| problem.rule)
    }

    #[test]
    fn a_line_needs_a_visible_character() {
        for blank in [
            "",
            " ",
            "\u{3164}",
            "\u{2800}\u{2800}",
            "\u{115F}",
            "\u{200D}",
            "\u{FE0F}",
            "\u{200B}",
            " \u{A0}\t",
        ] {
            assert_eq!(rule(blank).as_deref(), Some("required"), "{blank:?}");
        }
        for name in ["a", "한\u{3164}글", "❤\u{FE0F}", "نمی\u{200C}خواهم"] {
            assert_eq!(rule(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_line_typed_in_two_ways_is_the_same_line_and_has_the_same_length() {
        let (composed, decomposed) =
            ("Việt ü Å 각", "Vie\u{323}\u{302}t u\u{308} \u{212B} \u{1100}\u{1161}\u{11A8}");
        assert_eq!(parse_line("name", "the name", decomposed, 20), Ok(composed.to_owned()));
        assert_eq!(rule(&"u\u{308}".repeat(20)), None);
        assert_eq!(rule(&"u\u{308}".repeat(21)).as_deref(), Some("too_long"));
    }
}
