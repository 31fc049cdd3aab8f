//! The optional details of a new tenant: its settings and its branding.

use serde_json::{Value, json};

use super::{Draft, DraftField, MAX_NAME};
use crate::{
    branding::Color,
    defaults::ThemePreset,
    email::Email,
    field::{FieldProblem, InField, parse_line},
    settings::{Locale, PhoneNumber, WebUrl},
};

/// The settings of a new tenant, without the time zone and the currency. `None` stands for the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSettings {
    /// The name of the company. The default is the name of the organisation.
    pub company_name: Option<String>,
    /// The address to which customers write.
    pub support_email: Option<Email>,
    /// The number that customers call.
    pub support_phone: Option<PhoneNumber>,
    /// The website of the company.
    pub website_url: Option<WebUrl>,
    /// The language. The default is English.
    pub locale: Option<Locale>,
    /// The sender's name of mails to customers.
    pub email_from_name: Option<String>,
    /// The sender's address of mails to customers.
    pub email_from_address: Option<Email>,
}

/// The branding of a new tenant, without the theme. The default of a colour is that of the theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBranding {
    /// The address of the logo.
    pub logo_url: Option<WebUrl>,
    /// The colour of buttons, with white text.
    pub color_primary: Option<Color>,
    /// The colour of further areas, with white text.
    pub color_secondary: Option<Color>,
    /// The colour of decorations, without text.
    pub color_accent: Option<Color>,
}

/// Reads the fields of a draft. An invalid field is `None`, and its problem is collected, so that all fields
/// are checked.
pub(super) struct DraftFields<'a> {
    draft: &'a Draft,
    pub problems: Vec<FieldProblem>,
}

impl<'a> DraftFields<'a> {
    pub(super) fn new(draft: &'a Draft) -> Self {
        Self { draft, problems: Vec::new() }
    }

    /// Reads a field that needs a value.
    pub(super) fn required<T, P: InField>(
        &mut self,
        field: DraftField,
        parse: impl FnOnce(&str) -> Result<T, P>,
    ) -> Option<T> {
        let parsed = parse(self.draft.get(field));
        parsed.map_err(|problem| self.problems.push(problem.in_field(field.path()))).ok()
    }

    /// Reads a field that may be blank.
    fn optional<T, P: InField>(
        &mut self,
        field: DraftField,
        parse: impl FnOnce(&str) -> Result<T, P>,
    ) -> Option<T> {
        match self.draft.get(field).trim() {
            "" => None,
            _ => self.required(field, parse),
        }
    }

    /// Reads one line of text that may be blank. `label` names the field in the message of a problem.
    pub(super) fn line(&mut self, field: DraftField, label: &str, max: usize) -> Option<String> {
        self.optional(field, |text| parse_line(field.path(), label, text, max))
    }

    pub(super) fn settings(&mut self, to_ascii: impl Fn(&str) -> Option<String>) -> NewSettings {
        NewSettings {
            company_name: self.line(DraftField::CompanyName, "the company's name", MAX_NAME),
            support_email: self.optional(DraftField::SupportEmail, |text| Email::parse(text, &to_ascii)),
            support_phone: self.optional(DraftField::SupportPhone, PhoneNumber::parse),
            website_url: self.optional(DraftField::WebsiteUrl, WebUrl::parse),
            locale: self.optional(DraftField::Locale, Locale::parse),
            email_from_name: self.line(DraftField::EmailFromName, "the sender's name", MAX_NAME),
            email_from_address: self
                .optional(DraftField::EmailFromAddress, |text| Email::parse(text, &to_ascii)),
        }
    }

    pub(super) fn branding(&mut self) -> NewBranding {
        NewBranding {
            logo_url: self.optional(DraftField::LogoUrl, WebUrl::parse),
            color_primary: self.optional(DraftField::ColorPrimary, Color::parse_background),
            color_secondary: self.optional(DraftField::ColorSecondary, Color::parse_background),
            color_accent: self.optional(DraftField::ColorAccent, Color::parse),
        }
    }
}

impl NewSettings {
    /// The settings that the atomic core stores for a tenant with this name: the given ones and the defaults.
    /// The time zone and the currency are in the payload.
    pub(super) fn with_defaults(&self, name: &str) -> Value {
        json!({
            "companyName": self.company_name.as_deref().unwrap_or(name),
            "supportEmail": self.support_email.as_ref().map(Email::address),
            "supportPhone": self.support_phone,
            "websiteUrl": self.website_url,
            "locale": self.locale.clone().unwrap_or_default(),
            "emailFromName": self.email_from_name,
            "emailFromAddress": self.email_from_address.as_ref().map(Email::address),
        })
    }
}

impl NewBranding {
    /// The branding that the atomic core stores for a tenant with this theme: the given values and the
    /// defaults. The theme is in the payload.
    pub(super) fn with_defaults(&self, theme: ThemePreset) -> Value {
        let color = |color: &Option<Color>, of_theme: &str| {
            color.as_ref().map_or_else(|| of_theme.to_owned(), Color::to_string)
        };
        json!({
            "logoUrl": self.logo_url,
            "colorPrimary": color(&self.color_primary, theme.primary()),
            "colorSecondary": color(&self.color_secondary, theme.secondary()),
            "colorAccent": color(&self.color_accent, theme.accent()),
        })
    }
}
