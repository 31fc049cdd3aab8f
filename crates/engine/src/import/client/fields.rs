//! Where a `client.yaml` has the fields of a tenant.

use domain::provisioning::DraftField;

/// The fields of a `client.yaml` that a tenant has, by their paths. The section `tenantry` is an extension, with
/// which an export keeps what the other fields do not say.
pub(in crate::import) const FIELDS: [(&str, DraftField); 20] = [
    ("client.name", DraftField::Name),
    ("client.short_name", DraftField::ShortName),
    ("client.currency", DraftField::Currency),
    ("client.timezone", DraftField::TimeZone),
    ("branding.company_name", DraftField::CompanyName),
    ("branding.theme_id", DraftField::Theme),
    ("branding.logo_url", DraftField::LogoUrl),
    ("branding.primary_color", DraftField::ColorPrimary),
    ("branding.secondary_color", DraftField::ColorSecondary),
    ("branding.accent_color", DraftField::ColorAccent),
    ("email.primary", DraftField::SupportEmail),
    ("email.sendgrid.from_name", DraftField::EmailFromName),
    ("email.sendgrid.from_email", DraftField::EmailFromAddress),
    ("tenantry.slug", DraftField::Slug),
    ("tenantry.plan", DraftField::Plan),
    ("tenantry.blueprint", DraftField::Blueprint),
    ("tenantry.industry", DraftField::Industry),
    ("tenantry.support_phone", DraftField::SupportPhone),
    ("tenantry.website_url", DraftField::WebsiteUrl),
    ("tenantry.locale", DraftField::Locale),
];
/// The path of the commission in percent, which is not a text of the payload.
pub(in crate::import) const COMMISSION: &str = "tenantry.commission";
/// The path of an external ID that cannot be the name of a folder.
pub(in crate::import) const EXTERNAL_ID: &str = "tenantry.external_id";

/// The path of a field in a `client.yaml`.
pub(in crate::import) fn path_of(field: DraftField) -> &'static str {
    match field {
        DraftField::Commission => COMMISSION,
        DraftField::ExternalId => EXTERNAL_ID,
        field => FIELDS.iter().find(|(_, other)| *other == field).map_or("client.name", |(path, _)| path),
    }
}

/// The field at a path.
pub(in crate::import) fn field_at(path: &str) -> Option<DraftField> {
    match path {
        COMMISSION => Some(DraftField::Commission),
        EXTERNAL_ID => Some(DraftField::ExternalId),
        path => FIELDS.iter().find(|(other, _)| *other == path).map(|(_, field)| *field),
    }
}

/// Whether fields of a tenant are below a path.
pub(super) fn is_section(path: &str) -> bool {
    let is_above = |field: &str| field.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    FIELDS.iter().any(|(field, _)| is_above(field))
}
