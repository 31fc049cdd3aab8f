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
pub(super) const MIN_CONTRAST: f64 = 4.5;

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

    /// White.
    pub fn white() -> Self {
        Self { text: "#ffffff".to_owned() }
    }

    /// The contrast with white text, from 1 to 21 (WCAG 2).
    pub fn contrast_with_white(&self) -> f64 {
        1.05 / (self.luminance() + 0.05)
    }

    /// The contrast with another colour, from 1 to 21 (WCAG 2).
    pub fn contrast_with(&self, other: &Self) -> f64 {
        let (a, b) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if a > b { a / b } else { b / a }
    }

    /// The lightest shade of this colour on which white text is readable.
    pub fn readable_shade(&self) -> Self {
        let channels = self.channels();
        let shades = (0..=u32::from(u8::MAX)).rev().map(|light| {
            let [red, green, blue] = channels.map(|channel| u32::from(channel) * light / 255);
            Self { text: format!("#{red:02x}{green:02x}{blue:02x}") }
        });
        let mut readable = shades.filter(|shade| shade.contrast_with_white() >= MIN_CONTRAST);
        readable.next().unwrap_or_else(|| self.clone())
    }

    fn luminance(&self) -> f64 {
        let [red, green, blue] = self.channels().map(|channel| linear(f64::from(channel) / 255.0));
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The red, green and blue channel.
    fn channels(&self) -> [u8; 3] {
        [1, 3, 5].map(|at| {
            let digits = self.text.get(at..at + 2).unwrap_or_default();
            u8::from_str_radix(digits, 16).unwrap_or_default()
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readable_shade_of_a_light_colour_is_the_lightest_one_that_passes() {
        for text in ["#c77b30", "#ffff00", "#ffffff", "#06b6d4"] {
            let shade = Color::parse(text).unwrap().readable_shade();
            assert!((4.5..4.7).contains(&shade.contrast_with_white()), "{text} {shade}");
        }
    }

    #[test]
    fn a_readable_colour_is_its_own_readable_shade() {
        let color = Color::parse("#1D4ED8").unwrap();
        assert_eq!(color.readable_shade(), color);
    }

    #[test]
    fn the_contrast_of_two_colours_does_not_depend_on_their_order() {
        let (black, white) = (Color::parse("#000000").unwrap(), Color::white());
        assert!((black.contrast_with(&white) - 21.0).abs() < 0.01);
        assert_eq!(black.contrast_with(&white), white.contrast_with(&black));
        assert!((black.contrast_with_white() - 21.0).abs() < 0.01);
    }
}
