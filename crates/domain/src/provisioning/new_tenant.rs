use serde_json::Value;

use super::{Draft, DraftField, MAX_NAME, NewBranding, NewSettings, draft_field, new_profile::DraftFields};
use crate::{
    branding::Color,
    defaults::{Commission, Currency, ThemePreset, TimeZone},
    email::Email,
    field::{FieldProblem, parse_line},
    settings::{Locale, PhoneNumber, WebUrl},
    slug::Slug,
    text_form::is_configured_name,
};

/// The longest short name, in characters.
pub(crate) const MAX_SHORT_NAME: usize = 40;
/// The longest industry, in characters.
pub(crate) const MAX_INDUSTRY: usize = 80;
/// The longest external ID, in characters.
pub(crate) const MAX_EXTERNAL_ID: usize = 100;

/// A valid draft: everything that is needed to provision a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenant {
    /// The name of the organisation.
    pub name: String,
    /// The slug.
    pub slug: Slug,
    /// The name of the plan.
    pub plan: String,
    /// The time zone.
    pub time_zone: TimeZone,
    /// The currency.
    pub currency: Currency,
    /// The owner. `None` if the tenant waits for its owner.
    pub owner: Option<Owner>,
    /// The name of the blueprint.
    pub blueprint: String,
    /// The theme preset.
    pub theme: ThemePreset,
    /// The commission.
    pub commission: Commission,
    /// The short name, for places with little room.
    pub short_name: Option<String>,
    /// The industry.
    pub industry: Option<String>,
    /// The ID of the tenant in another system, unique among tenants.
    pub external_id: Option<String>,
    /// The settings.
    pub settings: NewSettings,
    /// The branding.
    pub branding: NewBranding,
}

/// The owner of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: Email,
}

/// The name of an entry of the configuration.
fn configured_name(name: &str, field: DraftField) -> Result<String, FieldProblem> {
    match is_configured_name(name) {
        true => Ok(name.to_owned()),
        false => {
            let message = format!("Choose a {} from the list.", field.label().to_lowercase());
            Err(FieldProblem::new(field.path(), "unknown", &message))
        }
    }
}

impl Owner {
    fn parse(fields: &mut DraftFields<'_>, to_ascii: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let field = DraftField::OwnerName;
        let name =
            fields.required(field, |text| parse_line(field.path(), "the owner's name", text, MAX_NAME));
        let email = fields.required(DraftField::OwnerEmail, |text| NewTenant::parse_email(text, to_ascii));
        Some(Self { name: name?, email: email? })
    }
}

impl NewTenant {
    /// Validates a draft. If `has_owner` is false, the tenant gets no owner, and the owner's fields are
    /// ignored. `to_ascii` converts the domain of an e-mail address (see [`Email::parse`]).
    ///
    /// # Errors
    /// The problems of all fields, in the order of the form.
    pub fn parse(
        draft: &Draft,
        has_owner: bool,
        to_ascii: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<FieldProblem>> {
        let mut fields = DraftFields::new(draft);
        let name = fields.required(DraftField::Name, |text| {
            parse_line(DraftField::Name.path(), "the organisation's name", text, MAX_NAME)
        });
        let slug = fields.required(DraftField::Slug, Self::parse_slug);
        // Only the format is checked here. The configuration defines which plans and blueprints exist.
        let plan = fields.required(DraftField::Plan, |text| configured_name(text, DraftField::Plan));
        let time_zone = fields.required(DraftField::TimeZone, TimeZone::parse);
        let currency = fields.required(DraftField::Currency, Currency::parse);
        let owner = match has_owner {
            true => Owner::parse(&mut fields, &to_ascii).map(Some),
            false => Some(None),
        };
        let blueprint =
            fields.required(DraftField::Blueprint, |text| configured_name(text, DraftField::Blueprint));
        let theme = fields.required(DraftField::Theme, ThemePreset::parse);
        let commission = fields.required(DraftField::Commission, Commission::parse);
        let short_name = fields.line(DraftField::ShortName, "the short name", MAX_SHORT_NAME);
        let industry = fields.line(DraftField::Industry, "the industry", MAX_INDUSTRY);
        let external_id = fields.line(DraftField::ExternalId, "the external ID", MAX_EXTERNAL_ID);
        let settings = fields.settings(&to_ascii);
        let branding = fields.branding();

        match (name, slug, plan, time_zone, currency, owner, blueprint, theme, commission) {
            (
                Some(name),
                Some(slug),
                Some(plan),
                Some(time_zone),
                Some(currency),
                Some(owner),
                Some(blueprint),
                Some(theme),
                Some(commission),
            ) if fields.problems.is_empty() => Ok(Self {
                name,
                slug,
                plan,
                time_zone,
                currency,
                owner,
                blueprint,
                theme,
                commission,
                short_name,
                industry,
                external_id,
                settings,
                branding,
            }),
            _ => Err(fields.problems),
        }
    }

    /// Validates the slug, for the check while the user types.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse_slug(text: &str) -> Result<Slug, FieldProblem> {
        match Slug::parse(text) {
            Err(_) if text.is_empty() => {
                Err(FieldProblem::new(DraftField::Slug.path(), "required", "Enter a slug."))
            }
            result => result.map_err(|problem| problem.in_field(DraftField::Slug.path())),
        }
    }

    /// Validates the owner's e-mail address, for the check while the user types.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse_email(text: &str, to_ascii: impl Fn(&str) -> Option<String>) -> Result<Email, FieldProblem> {
        match Email::parse(text, to_ascii) {
            Err(_) if text.trim().is_empty() => Err(FieldProblem::new(
                DraftField::OwnerEmail.path(),
                "required",
                "Enter the owner's e-mail address.",
            )),
            result => result.map_err(|problem| problem.in_field(DraftField::OwnerEmail.path())),
        }
    }

    /// The payload that the atomic core receives and the history stores. It contains no secret, and of the
    /// optional fields only those with a value.
    pub fn to_payload(&self) -> Value {
        let (owner, settings, branding) = (self.owner.as_ref(), &self.settings, &self.branding);
        let text = |text: Option<&str>| text.map_or(Value::Null, Value::from);
        let mut payload = draft_field::to_payload(|field| match field {
            DraftField::Name => self.name.as_str().into(),
            DraftField::Slug => self.slug.as_str().into(),
            DraftField::Plan => self.plan.as_str().into(),
            DraftField::TimeZone => self.time_zone.as_str().into(),
            DraftField::Currency => self.currency.as_str().into(),
            DraftField::OwnerName => text(owner.map(|owner| owner.name.as_str())),
            DraftField::OwnerEmail => text(owner.map(|owner| owner.email.address())),
            DraftField::Blueprint => self.blueprint.as_str().into(),
            DraftField::Theme => self.theme.as_str().into(),
            DraftField::Commission => self.commission.basis_points().into(),
            DraftField::ShortName => text(self.short_name.as_deref()),
            DraftField::Industry => text(self.industry.as_deref()),
            DraftField::ExternalId => text(self.external_id.as_deref()),
            DraftField::CompanyName => text(settings.company_name.as_deref()),
            DraftField::SupportEmail => text(settings.support_email.as_ref().map(Email::address)),
            DraftField::SupportPhone => text(settings.support_phone.as_ref().map(PhoneNumber::as_str)),
            DraftField::WebsiteUrl => text(settings.website_url.as_ref().map(WebUrl::as_str)),
            DraftField::Locale => text(settings.locale.as_ref().map(Locale::as_str)),
            DraftField::EmailFromName => text(settings.email_from_name.as_deref()),
            DraftField::EmailFromAddress => text(settings.email_from_address.as_ref().map(Email::address)),
            DraftField::LogoUrl => text(branding.logo_url.as_ref().map(WebUrl::as_str)),
            DraftField::ColorPrimary => text(branding.color_primary.as_ref().map(Color::as_str)),
            DraftField::ColorSecondary => text(branding.color_secondary.as_ref().map(Color::as_str)),
            DraftField::ColorAccent => text(branding.color_accent.as_ref().map(Color::as_str)),
        });
        if let Some(owner) = owner {
            payload["owner"]["emailCanonical"] = owner.email.canonical().into();
        }
        payload
    }
}
