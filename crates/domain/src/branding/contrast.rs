use super::Color;

/// A pair of colours that the pages and mails of a tenant use together.
#[derive(Debug, Clone, PartialEq)]
pub struct ContrastPair {
    /// The use of the pair.
    pub label: &'static str,
    /// The name of the field with the colour that can be changed.
    pub field: &'static str,
    /// The colour of the text or of the decoration.
    pub ink: Color,
    /// The colour behind it.
    pub background: Color,
    /// The contrast, from 1 to 21.
    pub ratio: f64,
    /// Whether the pair has text, which needs a contrast.
    pub is_text: bool,
}

/// The levels of WCAG 2 for the contrast of normal text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContrastLevel {
    /// At least 7.
    Aaa,
    /// At least 4.5.
    Aa,
    /// Less than 4.5.
    TooLow,
}

impl ContrastPair {
    /// The pairs in which a branding is used. A colour that is not valid has none.
    pub fn of(primary: Option<&Color>, secondary: Option<&Color>, accent: Option<&Color>) -> Vec<Self> {
        let white = Color::white();
        let pair = |label, field, ink: &Color, background: &Color, is_text| Self {
            label,
            field,
            ink: ink.clone(),
            background: background.clone(),
            ratio: ink.contrast_with(background),
            is_text,
        };
        let primary = primary.into_iter().flat_map(|primary| {
            [
                pair("Text of buttons", "colorPrimary", &white, primary, true),
                pair("Headings and prices", "colorPrimary", primary, &white, true),
            ]
        });
        let secondary = secondary.map(|color| pair("Text of areas", "colorSecondary", &white, color, true));
        let accent = accent.map(|color| pair("Decorations", "colorAccent", color, &white, false));
        primary.chain(secondary).chain(accent).collect()
    }

    /// The level of the contrast. `None` for a pair without text.
    pub fn level(&self) -> Option<ContrastLevel> {
        self.is_text.then(|| ContrastLevel::of(self.ratio))
    }

    /// The contrast with one decimal, such as `10.6`. Rounded down, so that a contrast that is too low never
    /// looks sufficient.
    pub fn ratio_text(&self) -> String {
        ratio_text(self.ratio)
    }

    /// Whether the text is hard to read.
    pub fn is_too_low(&self) -> bool {
        self.level() == Some(ContrastLevel::TooLow)
    }
}

impl ContrastLevel {
    /// The level of a contrast.
    pub fn of(ratio: f64) -> Self {
        match ratio {
            7.0.. => Self::Aaa,
            super::color::MIN_CONTRAST.. => Self::Aa,
            _ => Self::TooLow,
        }
    }

    /// The name on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Aaa => "AAA",
            Self::Aa => "AA",
            Self::TooLow => "Too low",
        }
    }
}

/// A contrast with one decimal, rounded down. Formatting a float would enlarge the browser's download.
pub fn ratio_text(ratio: f64) -> String {
    let tenths = (10..=210).rev().find(|tenths| f64::from(*tenths) <= ratio * 10.0 + 1e-6).unwrap_or(10);
    format!("{}.{}", tenths / 10, tenths % 10)
}
