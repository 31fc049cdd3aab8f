//! One page a file, each named by what it shows.

#[cfg(feature = "ssr")]
mod access;
mod health;
mod history;
mod not_found;
mod outcome;
mod provision;
mod request;
mod stages;
#[cfg(feature = "ssr")]
mod styleguide;
mod wording;

#[cfg(feature = "ssr")]
pub(crate) use access::{InvitationPage, LoginPage, SetupPage};
pub(crate) use health::HealthPage;
pub(crate) use history::HistoryPage;
pub(crate) use not_found::NotFound;
pub(crate) use outcome::FreshOutcome;
pub(crate) use provision::ProvisionPage;
pub(crate) use request::RequestPage;
#[cfg(feature = "ssr")]
pub(crate) use styleguide::Styleguide;
