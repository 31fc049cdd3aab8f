use serde::{Deserialize, Serialize};

use crate::text_form::{problems, text_form};

/// A language with an optional script and region, such as `en`, `en-GB` or `zh-Hant-TW` (BCP 47).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Locale {
    text: String,
}

text_form!(Locale, LocaleProblem, Locale::parse);

problems! {
    /// The reason why a text is not a valid locale.
    LocaleProblem {
        Malformed = "malformed", "A locale is a language with an optional region, such as en or en-GB. Check it.";
    }
}

impl Locale {
    /// Parses a locale in any case, and normalises its case.
    ///
    /// # Errors
    /// [`LocaleProblem::Malformed`] for anything else.
    pub fn parse(text: &str) -> Result<Self, LocaleProblem> {
        let mut parts = text.trim_ascii().split('-');
        let language = parts.next().filter(|part| is_letters(part, 2) || is_letters(part, 3));
        let mut text = language.ok_or(LocaleProblem::Malformed)?.to_ascii_lowercase();
        let mut next = parts.next();
        if let Some(script) = next.filter(|part| is_letters(part, 4)) {
            text.push('-');
            text.push_str(&script[..1].to_ascii_uppercase());
            text.push_str(&script[1..].to_ascii_lowercase());
            next = parts.next();
        }
        if let Some(region) = next.filter(|part| is_letters(part, 2) || is_area_code(part)) {
            text.push('-');
            text.push_str(&region.to_ascii_uppercase());
            next = parts.next();
        }
        if next.is_some() { Err(LocaleProblem::Malformed) } else { Ok(Self { text }) }
    }
}

/// English.
impl Default for Locale {
    fn default() -> Self {
        Self { text: "en".into() }
    }
}

fn is_letters(part: &str, count: usize) -> bool {
    part.len() == count && part.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Whether a part is a region's number, such as `419` for Latin America.
fn is_area_code(part: &str) -> bool {
    part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit())
}
