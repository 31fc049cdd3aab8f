use serde::{Deserialize, Serialize};

use super::Color;
use crate::{
    defaults::ThemePreset,
    field::{Parsed, TextFields},
    settings::WebUrl,
};

/// The branding of a tenant, as the database stores it and the API sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantBranding {
    /// The name of the theme.
    pub theme: String,
    /// The address of the logo.
    pub logo_url: Option<String>,
    /// The colour of buttons, with white text.
    pub color_primary: String,
    /// The colour of further areas, with white text.
    pub color_secondary: String,
    /// The colour of decorations, without text.
    pub color_accent: String,
}

impl TenantBranding {
    /// The names of the fields in JSON.
    pub const FIELDS: [&'static str; 5] =
        ["theme", "logoUrl", "colorPrimary", "colorSecondary", "colorAccent"];

    /// Parses a complete branding. `text` returns the text of a field by its name in JSON. A colour whose text
    /// is missing or blank is that of the theme.
    pub fn parse(text: impl FnMut(&str) -> Option<String>) -> Parsed<Self> {
        let mut fields = TextFields::new(text);
        let theme = fields.required("theme", ThemePreset::parse);
        let logo_url = fields.optional("logoUrl", WebUrl::parse);
        let primary = fields.optional("colorPrimary", Color::parse_background);
        let secondary = fields.optional("colorSecondary", Color::parse_background);
        let accent = fields.optional("colorAccent", Color::parse);
        let color =
            |color: Option<Color>, of_theme: &str| color.map_or_else(|| of_theme.into(), String::from);
        fields.finish(theme.map(|theme| Self {
            theme: theme.to_string(),
            logo_url: logo_url.map(String::from),
            color_primary: color(primary, theme.primary()),
            color_secondary: color(secondary, theme.secondary()),
            color_accent: color(accent, theme.accent()),
        }))
    }
}
