//! What is wrong with one field of an input.

use serde::{Deserialize, Serialize};

/// One field at fault. A refused input lists all of them at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The path in the input, such as `owner.email`.
    pub field: String,
    /// The stable name of the rule that was broken, such as `too_short`.
    pub rule: String,
    /// The sentence for people: the rule, and what to do.
    pub message: String,
}

impl FieldProblem {
    /// A problem of `field` with a fixed rule and sentence.
    pub fn new(field: &str, rule: &str, message: &str) -> Self {
        Self { field: field.into(), rule: rule.into(), message: message.into() }
    }
}

/// Reads a line of text for people: trimmed, 1 to `max` characters, no control or
/// direction-changing characters.
///
/// # Errors
/// The rule that `raw` breaks, with a sentence that names `what`.
pub fn line(field: &str, what: &str, raw: &str, max: usize) -> Result<String, FieldProblem> {
    let text = raw.trim();
    if text.is_empty() {
        return Err(FieldProblem::new(field, "required", &format!("Enter {what}.")));
    }
    if text.chars().any(|c| c.is_control() || is_hidden(c)) {
        let message = format!("Remove the invisible characters from {what}.");
        return Err(FieldProblem::new(field, "control_characters", &message));
    }
    if text.chars().count() > max {
        let message = format!("Shorten {what} to at most {max} characters.");
        return Err(FieldProblem::new(field, "too_long", &message));
    }
    Ok(text.to_owned())
}

/// What hides in a text or turns its direction. Not the joiners U+200C and U+200D, which some
/// scripts need.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}
