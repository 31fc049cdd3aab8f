//! The theme presets for a tenant's own pages.

use serde::{Deserialize, Serialize};

use crate::text_form::problems;

/// A preset pair of colours. White text on the primary colour has a contrast of at least 4.5:1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// The reason why a text is not a valid theme.
    ThemeProblem {
        Unknown = "unknown", "This theme does not exist. Choose slate, ocean, forest, sunset or plum.";
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

    /// The display name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Slate => "Slate",
            Self::Ocean => "Ocean",
            Self::Forest => "Forest",
            Self::Sunset => "Sunset",
            Self::Plum => "Plum",
        }
    }

    /// The primary colour as `#rrggbb`.
    pub const fn primary(self) -> &'static str {
        match self {
            Self::Slate => "#334155",
            Self::Ocean => "#075985",
            Self::Forest => "#166534",
            Self::Sunset => "#9a3412",
            Self::Plum => "#6b21a8",
        }
    }

    /// The secondary colour as `#rrggbb`.
    pub const fn secondary(self) -> &'static str {
        match self {
            Self::Slate => "#475569",
            Self::Ocean => "#0e7490",
            Self::Forest => "#3f6212",
            Self::Sunset => "#b45309",
            Self::Plum => "#86198f",
        }
    }

    /// The accent colour as `#rrggbb`.
    pub const fn accent(self) -> &'static str {
        match self {
            Self::Slate => "#64748b",
            Self::Ocean => "#06b6d4",
            Self::Forest => "#84cc16",
            Self::Sunset => "#f59e0b",
            Self::Plum => "#ec4899",
        }
    }

    /// Parses the spelling of [`Self::as_str`].
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
