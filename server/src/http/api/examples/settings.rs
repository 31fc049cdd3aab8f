use domain::{branding::TenantBranding, defaults::ThemePreset, settings::TenantSettings};

use super::NAME;

pub(crate) fn settings() -> TenantSettings {
    TenantSettings {
        company_name: NAME.into(),
        support_email: Some("help@goldenspoon.example".into()),
        support_phone: Some("+34 600 123 456".into()),
        website_url: None,
        time_zone: "Europe/Madrid".into(),
        currency: "EUR".into(),
        locale: "es-ES".into(),
        email_from_name: None,
        email_from_address: None,
    }
}

pub(crate) fn branding() -> TenantBranding {
    let theme = ThemePreset::Ocean;
    TenantBranding {
        theme: theme.to_string(),
        logo_url: None,
        color_primary: theme.primary().into(),
        color_secondary: theme.secondary().into(),
        color_accent: theme.accent().into(),
    }
}
