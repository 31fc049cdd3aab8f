use serde::{Deserialize, Serialize};

use super::{Locale, PhoneNumber, WebUrl};
use crate::{
    defaults::{Currency, TimeZone},
    email::Email,
    field::{Parsed, TextFields, parse_line},
    provisioning::MAX_NAME,
};

/// The settings of a tenant, as the database stores them and the API sends them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantSettings {
    /// The name of the company.
    pub company_name: String,
    /// The address to which customers write.
    pub support_email: Option<String>,
    /// The number that customers call.
    pub support_phone: Option<String>,
    /// The website of the company.
    pub website_url: Option<String>,
    /// The time zone, by its name in the IANA database.
    pub time_zone: String,
    /// The code of the currency (ISO 4217).
    pub currency: String,
    /// The language, such as `en-GB`.
    pub locale: String,
    /// The sender's name of mails to customers.
    pub email_from_name: Option<String>,
    /// The sender's address of mails to customers.
    pub email_from_address: Option<String>,
}

impl TenantSettings {
    /// The names of the fields in JSON.
    pub const FIELDS: [&'static str; 9] = [
        "companyName",
        "supportEmail",
        "supportPhone",
        "websiteUrl",
        "timeZone",
        "currency",
        "locale",
        "emailFromName",
        "emailFromAddress",
    ];

    /// Parses complete settings. `text` returns the text of a field by its name in JSON. A field that may be
    /// null has no value if its text is missing or blank. `to_ascii` converts the domain of an e-mail address
    /// (see [`Email::parse`]).
    pub fn parse(
        text: impl FnMut(&str) -> Option<String>,
        to_ascii: impl Fn(&str) -> Option<String>,
    ) -> Parsed<Self> {
        let mut fields = TextFields::new(text);
        let company_name = fields
            .required("companyName", |text| parse_line("companyName", "the company's name", text, MAX_NAME));
        let support_email = fields.optional("supportEmail", |text| Email::parse(text, &to_ascii));
        let support_phone = fields.optional("supportPhone", PhoneNumber::parse);
        let website_url = fields.optional("websiteUrl", WebUrl::parse);
        let time_zone = fields.required("timeZone", TimeZone::parse);
        let currency = fields.required("currency", Currency::parse);
        let locale = fields.required("locale", Locale::parse);
        let email_from_name = fields.optional("emailFromName", |text| {
            parse_line("emailFromName", "the sender's name", text, MAX_NAME)
        });
        let email_from_address = fields.optional("emailFromAddress", |text| Email::parse(text, &to_ascii));
        let required = company_name.zip(time_zone).zip(currency).zip(locale);
        fields.finish(required.map(|(((company_name, time_zone), currency), locale)| Self {
            company_name,
            support_email: support_email.map(String::from),
            support_phone: support_phone.map(String::from),
            website_url: website_url.map(String::from),
            time_zone: time_zone.into(),
            currency: currency.into(),
            locale: locale.into(),
            email_from_name,
            email_from_address: email_from_address.map(String::from),
        }))
    }
}
