use serde::{Deserialize, Serialize};

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
