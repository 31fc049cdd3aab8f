//! The console's pages, each in its own module.

#[cfg(feature = "ssr")]
mod access;
#[cfg(feature = "ssr")]
mod api_docs;
mod audit;
mod availability_status;
mod export_links;
mod failure_state;
mod filter_query;
mod health;
mod history;
mod import;
mod leave_dialog;
mod not_found;
mod outcome;
mod overlap_field;
mod page_resource;
mod plain_form;
mod portal;
mod provision;
mod request;
mod sign_up;
mod slug_suggestions;
mod stages;
#[cfg(feature = "ssr")]
mod styleguide;
mod team;
mod tenant;
mod tenants;
mod value_check;

#[cfg(feature = "ssr")]
pub(crate) use access::{
    AccountPage, AddressChangePage, AddressChangedPage, AddressKeptPage, InvitationPage, LoginPage,
    PasswordResetPage, PasswordResetRequestPage, PasswordResetSentPage, SetupPage,
};
#[cfg(feature = "ssr")]
pub(crate) use api_docs::ApiDocs;
pub(crate) use audit::AuditPage;
pub(crate) use health::HealthPage;
pub(crate) use history::HistoryPage;
pub(crate) use import::ImportPage;
pub(crate) use not_found::NotFound;
pub(crate) use outcome::LatestOutcome;
#[cfg(feature = "hydrate")]
pub(crate) use portal::{
    BRANDING_PARTS as PORTAL_BRANDING_PARTS, CATALOG_PARTS as PORTAL_CATALOG_PARTS,
    KEYS_PARTS as PORTAL_KEYS_PARTS, SETTINGS_PARTS as PORTAL_SETTINGS_PARTS,
};
pub(crate) use portal::{
    PortalActivityPage, PortalBrandingPage, PortalHomePage, PortalKeysPage, PortalMembersPage,
    PortalPackagesPage, PortalPage, PortalSegmentsPage, PortalSettingsPage, PortalState, PortalUsagePage,
};
pub(crate) use provision::ProvisionPage;
pub(crate) use request::RequestPage;
pub(crate) use sign_up::{SignUpLinkPage, SignUpPage};
#[cfg(feature = "ssr")]
pub(crate) use styleguide::Styleguide;
pub(crate) use team::TeamPage;
pub(crate) use tenant::TenantPage;
pub(crate) use tenants::TenantsPage;
#[cfg(feature = "hydrate")]
pub(crate) use {
    audit::PARTS as AUDIT_PARTS, provision::PARTS as PROVISION_PARTS, request::PARTS as REQUEST_PARTS,
    team::PARTS as TEAM_PARTS, tenant::PARTS as TENANT_PARTS,
};
