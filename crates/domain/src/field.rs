//! Problems of single input fields.

use serde::{Deserialize, Serialize};

/// The problem of one field. A refused input lists the problems of all its fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// Parses one line of text, and trims it. The line has 1 to `max` characters. It may contain neither control
/// characters nor characters that are invisible or change the text direction.
///
/// # Errors
/// The rule that `raw` breaks. `label` names the field in the message, for instance "the owner's name".
pub fn parse_line(field: &str, label: &str, raw: &str, max: usize) -> Result<String, FieldProblem> {
    let text = raw.trim();
    if text.is_empty() {
        return Err(FieldProblem::new(field, "required", &format!("Enter {label}.")));
    }
    if text.chars().any(|c| c.is_control() || is_hidden(c)) {
        let message = format!("Remove the invisible characters from {label}.");
        return Err(FieldProblem::new(field, "control_characters", &message));
    }
    if text.chars().count() > max {
        let message = format!("Shorten {label} to at most {max} characters.");
        return Err(FieldProblem::new(field, "too_long", &message));
    }
    Ok(text.to_owned())
}

/// Whether a character is invisible or changes the text direction. The joiners U+200C and U+200D do not
/// count, because some scripts need them.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}
