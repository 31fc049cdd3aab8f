//! The slug: a tenant's name in URLs (`docs/specification.md`, section 10).

mod from_name;
mod reserved;

use serde::{Deserialize, Serialize};

use crate::text_form::{problems, text_form};
pub use from_name::slug_from_name;
pub use reserved::{RESERVED, is_reserved};

/// The minimum length of a slug in characters.
pub const MIN_LENGTH: usize = 3;
/// The maximum length of a slug in characters.
pub const MAX_LENGTH: usize = 40;

/// A tenant's name in URLs: 3 to 40 characters of `a-z`, `0-9` and single hyphens. It begins with a
/// letter, does not end with a hyphen, and is not reserved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug {
    text: String,
}

text_form!(Slug, SlugProblem, Slug::parse);

problems! {
    /// The reason why a text is not a valid slug.
    SlugProblem {
        Empty = "required", "Enter a slug.";
        Whitespace = "whitespace", "A slug cannot contain spaces. Use hyphens instead.";
        ControlCharacter = "control_character", "The slug contains invisible characters. Type it instead of pasting it.";
        NonAscii = "non_ascii", "A slug can only contain the letters a to z, without accents. Type it with these letters.";
        Uppercase = "uppercase", "A slug cannot contain capital letters. Use lowercase letters.";
        InvalidCharacter = "invalid_character", "A slug can only contain lowercase letters, digits and hyphens. Remove the other characters.";
        NoLetterFirst = "no_letter_first", "A slug must begin with a letter. Add one at the beginning.";
        DoubleHyphen = "double_hyphen", "A slug cannot contain two hyphens in a row. Remove one of them.";
        TrailingHyphen = "trailing_hyphen", "A slug cannot end with a hyphen. Remove it, or continue typing.";
        TooShort = "too_short", "A slug needs at least 3 characters. Enter a longer one.";
        TooLong = "too_long", "A slug can have at most 40 characters. Enter a shorter one.";
        Reserved = "reserved", "This slug is reserved for the platform. Choose another one.";
    }
}

impl Slug {
    /// Parses a slug exactly as written, without trimming or changing case.
    ///
    /// # Errors
    /// The first rule that `text` breaks, in this order: characters, structure, length, reserved words.
    pub fn parse(text: &str) -> Result<Self, SlugProblem> {
        let slug = Self::parse_existing(text)?;
        if is_reserved(text) { Err(SlugProblem::Reserved) } else { Ok(slug) }
    }

    /// Parses the slug of a tenant that exists. Accepts reserved words, because a word may have become
    /// reserved after the tenant was created.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn parse_existing(text: &str) -> Result<Self, SlugProblem> {
        if text.is_empty() {
            return Err(SlugProblem::Empty);
        }
        if let Some(problem) = text.chars().find_map(character_problem) {
            return Err(problem);
        }
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Err(SlugProblem::NoLetterFirst);
        }
        // Refusing double hyphens also refuses `xn--`, the prefix of internationalised domain names.
        if text.contains("--") {
            return Err(SlugProblem::DoubleHyphen);
        }
        if text.ends_with('-') {
            return Err(SlugProblem::TrailingHyphen);
        }
        if text.len() < MIN_LENGTH {
            return Err(SlugProblem::TooShort);
        }
        if text.len() > MAX_LENGTH {
            return Err(SlugProblem::TooLong);
        }
        Ok(Self { text: text.to_owned() })
    }
}

/// The rule that a character breaks, if a slug cannot contain it.
fn character_problem(c: char) -> Option<SlugProblem> {
    match c {
        'a'..='z' | '0'..='9' | '-' => None,
        'A'..='Z' => Some(SlugProblem::Uppercase),
        c if c.is_whitespace() => Some(SlugProblem::Whitespace),
        c if c.is_control() => Some(SlugProblem::ControlCharacter),
        c if c.is_ascii() => Some(SlugProblem::InvalidCharacter),
        _ => Some(SlugProblem::NonAscii),
    }
}
