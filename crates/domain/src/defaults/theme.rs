//! The ready-made looks of a tenant's own pages.

use serde::{Deserialize, Serialize};

use crate::text_form::problems;

/// A ready-made pair of colours. White text on the primary one has a contrast of at least 4.5:1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemePreset {
    /// Neutral grey-blue.
    #[default]
    Slate,
    /// Deep blue.
    Ocean,
    /// Dark green.
    Forest,
    /// Burnt orange.
    Sunset,
    /// Purple.
    Plum,
}

problems! {
    /// Why a text is not a theme.
    ThemeProblem {
        Unknown = "unknown", "The theme is one of slate, ocean, forest, sunset and plum. Choose one of them.";
    }
}

impl ThemePreset {
    /// Every theme, in the order of the form.
    pub const ALL: [Self; 5] = [Self::Slate, Self::Ocean, Self::Forest, Self::Sunset, Self::Plum];

    /// The spelling in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slate => "slate",
            Self::Ocean => "ocean",
            Self::Forest => "forest",
            Self::Sunset => "sunset",
            Self::Plum => "plum",
        }
    }

    /// The name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Slate => "Slate",
            Self::Ocean => "Ocean",
            Self::Forest => "Forest",
            Self::Sunset => "Sunset",
            Self::Plum => "Plum",
        }
    }

    /// The main colour, as `#rrggbb`.
    pub const fn primary(self) -> &'static str {
        match self {
            Self::Slate => "#334155",
            Self::Ocean => "#075985",
            Self::Forest => "#166534",
            Self::Sunset => "#9a3412",
            Self::Plum => "#6b21a8",
        }
    }

    /// The colour beside it, as `#rrggbb`.
    pub const fn accent(self) -> &'static str {
        match self {
            Self::Slate => "#64748b",
            Self::Ocean => "#06b6d4",
            Self::Forest => "#84cc16",
            Self::Sunset => "#f59e0b",
            Self::Plum => "#ec4899",
        }
    }

    /// Reads the spelling of [`Self::as_str`].
    ///
    /// # Errors
    /// [`ThemeProblem::Unknown`] for anything else.
    pub fn parse(text: &str) -> Result<Self, ThemeProblem> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text).ok_or(ThemeProblem::Unknown)
    }
}

impl std::str::FromStr for ThemePreset {
    type Err = ThemeProblem;

    fn from_str(text: &str) -> Result<Self, ThemeProblem> {
        Self::parse(text)
    }
}

impl std::fmt::Display for ThemePreset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
