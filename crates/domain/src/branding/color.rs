use serde::{Deserialize, Serialize};

use crate::text_form::{problems, text_form};

/// An sRGB colour: `#` and six hexadecimal digits in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Color {
    text: String,
}

text_form!(Color, ColorProblem, Color::parse);

/// The minimum contrast of text with its background (WCAG 2, level AA).
const MIN_CONTRAST: f64 = 4.5;

problems! {
    /// The reason why a text is not an accepted colour.
    ColorProblem {
        Malformed = "malformed", "A colour is # and six hexadecimal digits, such as #1d4ed8. Check it.";
        LowContrast = "low_contrast", "White text is hard to read on this colour. Choose a darker one.";
    }
}

impl Color {
    /// Parses a colour in any case.
    ///
    /// # Errors
    /// [`ColorProblem::Malformed`] for anything else.
    pub fn parse(text: &str) -> Result<Self, ColorProblem> {
        let text = text.trim_ascii().to_ascii_lowercase();
        let digits = text.strip_prefix('#').ok_or(ColorProblem::Malformed)?;
        match digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            true => Ok(Self { text }),
            false => Err(ColorProblem::Malformed),
        }
    }

    /// Parses the colour of an area with white text on it, such as a button.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse_background(text: &str) -> Result<Self, ColorProblem> {
        match Self::parse(text)? {
            color if color.contrast_with_white() < MIN_CONTRAST => Err(ColorProblem::LowContrast),
            color => Ok(color),
        }
    }

    /// The contrast with white text, from 1 to 21 (WCAG 2).
    pub fn contrast_with_white(&self) -> f64 {
        let channel = |at: usize| {
            let digits = self.text.get(at..at + 2).unwrap_or_default();
            linear(f64::from(u8::from_str_radix(digits, 16).unwrap_or_default()) / 255.0)
        };
        1.05 / (0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5) + 0.05)
    }
}

/// The light of an sRGB channel, from 0 to 1.
fn linear(value: f64) -> f64 {
    if value <= 0.04045 {
        return value / 12.92;
    }
    // The power 2.4. `powf` would enlarge the browser download.
    let square = ((value + 0.055) / 1.055) * ((value + 0.055) / 1.055);
    square * fifth_root(square)
}

/// The fifth root of a number from 0 to 1, by Newton's method.
fn fifth_root(number: f64) -> f64 {
    (0..20).fold(1.0, |root: f64, _| root - (root - number / (root * root * root * root)) / 5.0)
}
