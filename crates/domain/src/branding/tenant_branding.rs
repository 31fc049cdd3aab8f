use serde::{Deserialize, Serialize};

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
