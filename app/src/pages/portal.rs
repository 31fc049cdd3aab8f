//! The portal: the pages with which the owner and the members of a tenant manage it
//! (`docs/specification.md`, section 7). [`frame`] has what all pages share. Members who may not change the
//! tenant see the same values without the controls.

mod activity;
mod branding;
mod catalog;
mod frame;
mod home;
mod keys;
mod mark;
mod members;
mod packages;
mod segments;
mod settings;
mod shell;
mod state;
mod status;
mod tenants;
mod usage;

pub(crate) use self::{
    activity::PortalActivityPage, branding::PortalBrandingPage, home::PortalHomePage, keys::PortalKeysPage,
    members::PortalMembersPage, packages::PortalPackagesPage, segments::PortalSegmentsPage,
    settings::PortalSettingsPage, state::PortalState, tenants::PortalPage, usage::PortalUsagePage,
};

/// The parts of the page with the settings.
#[cfg(feature = "hydrate")]
pub(crate) const SETTINGS_PARTS: &[&crate::part::Part] = &[&super::tenant::form::FORM];

/// The parts of the pages with the segments and the packages.
#[cfg(feature = "hydrate")]
pub(crate) const CATALOG_PARTS: &[&crate::part::Part] = &[&segments::SEGMENT_FORM, &packages::PACKAGE_FORM];

#[cfg(feature = "hydrate")]
pub(crate) use self::branding::PARTS as BRANDING_PARTS;

/// The parts of the page with the API keys.
#[cfg(feature = "hydrate")]
pub(crate) const KEYS_PARTS: &[&crate::part::Part] = &[
    &super::tenant::key_table::KEY_TABLE,
    &super::tenant::refusal::REFUSAL,
    &super::outcome::ONE_TIME_DETAILS,
];
