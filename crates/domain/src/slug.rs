//! The slug: a tenant's name in addresses (SPEC section 10).

mod from_name;
mod reserved;

use serde::{Deserialize, Serialize};

use crate::text_form::{problems, text_form};
pub use from_name::slug_from_name;
pub use reserved::RESERVED;

/// The fewest characters a slug may have.
pub const MIN_LENGTH: usize = 3;
/// The most characters a slug may have.
pub const MAX_LENGTH: usize = 40;

/// A tenant's name in addresses: 3 to 40 of `a-z`, `0-9` and single hyphens, starting with a
/// letter, not ending with a hyphen, and not reserved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug {
    text: String,
}

text_form!(Slug, SlugProblem, Slug::parse);

problems! {
    /// Why a text is not a slug. Where several rules are broken, the one that explains most.
    SlugProblem {
        Empty = "required", "Enter a slug.";
        Whitespace = "whitespace", "A slug has no spaces. Use a hyphen instead.";
        ControlCharacter = "control_character", "A slug has no invisible characters. Type it again rather than pasting it.";
        NonAscii = "non_ascii", "A slug has only the letters a to z, without accents or look-alikes from other alphabets. Type it again with those.";
        Uppercase = "uppercase", "A slug has no capital letters. Use small ones.";
        InvalidCharacter = "invalid_character", "A slug has only small letters, digits and hyphens. Remove anything else.";
        NoLetterFirst = "no_letter_first", "A slug starts with a letter. Put one first.";
        DoubleHyphen = "double_hyphen", "A slug never has two hyphens in a row. Keep one of them.";
        TrailingHyphen = "trailing_hyphen", "A slug never ends with a hyphen. Remove it, or go on typing.";
        TooShort = "too_short", "A slug has at least 3 characters. Make it longer.";
        TooLong = "too_long", "A slug has at most 40 characters. Make it shorter.";
        Reserved = "reserved", "This word is kept for the platform. Choose another slug.";
    }
}

impl Slug {
    /// Reads a slug exactly as written: nothing is trimmed, lower-cased or mapped.
    ///
    /// # Errors
    /// The most helpful of the rules that `text` breaks: a wrong character before a wrong
    /// shape, a wrong shape before a wrong length.
    pub fn parse(text: &str) -> Result<Self, SlugProblem> {
        if text.is_empty() {
            return Err(SlugProblem::Empty);
        }
        if let Some(problem) = text.chars().find_map(character_problem) {
            return Err(problem);
        }
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Err(SlugProblem::NoLetterFirst);
        }
        // This also refuses `xn--`, the mark of an internationalised name.
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
        if RESERVED.contains(&text) {
            return Err(SlugProblem::Reserved);
        }
        Ok(Self { text: text.to_owned() })
    }
}

/// What is wrong with a character, if it may not stand in a slug at all.
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
