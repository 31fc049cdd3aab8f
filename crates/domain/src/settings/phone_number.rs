use serde::{Deserialize, Serialize};

use crate::text_form::{problems, text_form};

/// A phone number as people write it, such as `+34 600 123 456`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber {
    text: String,
}

text_form!(PhoneNumber, PhoneNumberProblem, PhoneNumber::parse);

/// The longest number has 15 digits (ITU-T E.164). An extension has a few more.
const DIGITS: std::ops::RangeInclusive<usize> = 3..=20;

problems! {
    /// The reason why a text is not a valid phone number.
    PhoneNumberProblem {
        Character = "character", "A phone number can contain digits, spaces and + - . / ( ). Remove the other characters.";
        Length = "length", "A phone number has 3 to 20 digits. Check the number.";
    }
}

impl PhoneNumber {
    /// The maximum length in characters.
    pub(crate) const MAX_LENGTH: usize = 40;

    /// Parses a number, and trims the spaces around it.
    ///
    /// # Errors
    /// The first rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, PhoneNumberProblem> {
        let text = text.trim();
        let is_allowed = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '/' | '(' | ')');
        if !text.strip_prefix('+').unwrap_or(text).chars().all(is_allowed) {
            return Err(PhoneNumberProblem::Character);
        }
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        match DIGITS.contains(&digits) && text.len() <= Self::MAX_LENGTH {
            true => Ok(Self { text: text.into() }),
            false => Err(PhoneNumberProblem::Length),
        }
    }
}
