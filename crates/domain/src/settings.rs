//! The settings of a tenant (`docs/specification.md`, section 7). The time zone and the currency are in
//! [`defaults`](crate::defaults).

mod locale;
mod phone_number;
mod tenant_settings;
mod web_url;

pub use locale::{Locale, LocaleProblem};
pub use phone_number::{PhoneNumber, PhoneNumberProblem};
pub use tenant_settings::TenantSettings;
pub use web_url::{WebUrl, WebUrlProblem};
