//! The data of the portal's pages. Each page gets the tenant with the role of the signed-in account, because
//! both can change while the portal is open.

#[cfg(feature = "ssr")]
mod caller;
mod catalog;
mod content;
mod members;
mod opened;
#[cfg(feature = "ssr")]
mod tenants;

#[cfg(feature = "ssr")]
pub(crate) use self::{caller::tenant_caller, tenants::portal_tenants};
#[cfg(feature = "ssr")]
pub use self::{catalog::save_catalog_form, members::save_member_form};
pub use self::{
    catalog::{change_catalog, open_packages, open_segments},
    content::{BrandingContent, CatalogContent, HomeContent, KeysContent, PreviewTexts},
    members::{MemberFilter, MembersContent, open_portal_members},
    opened::{PortalContent, PortalTenant},
};

use domain::{activity::ActivityPage, usage::Usage};
use leptos::prelude::*;

use super::OpenedForm;
use crate::{Failure, codec::Json};

/// The status of a tenant, for the page that waits until it is active. Does not extend the session.
///
/// # Errors
/// `UNAUTHENTICATED`, `TENANT_NOT_FOUND`, `TENANT_SUSPENDED`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "portal_status", input = Json, output = Json)]
pub async fn portal_status(tenant: String) -> Result<PortalContent<()>, Failure> {
    caller::Opened::find(&tenant).await?.with(async |_, _| Ok(())).await
}

/// The home page of a tenant.
///
/// # Errors
/// See [`portal_status`].
#[server(prefix = "/api/fn", endpoint = "open_portal_home", input = Json, output = Json)]
pub async fn open_portal_home(tenant: String) -> Result<PortalContent<HomeContent>, Failure> {
    caller::Opened::find(&tenant).await?.with(content::home).await
}

/// The settings of a tenant, or its branding, as a form.
///
/// # Errors
/// See [`portal_status`].
#[server(prefix = "/api/fn", endpoint = "open_portal_settings", input = Json, output = Json)]
pub async fn open_portal_settings(tenant: String) -> Result<PortalContent<OpenedForm>, Failure> {
    let open = async |engine: &engine::Engine, caller: &engine::tenants::TenantCaller| {
        super::tenant_forms::open_portal_form(engine, caller, domain::tenant_form::TenantForm::Settings).await
    };
    caller::Opened::find(&tenant).await?.with(open).await
}

/// The branding of a tenant as a form, with the texts of the preview.
///
/// # Errors
/// See [`portal_status`].
#[server(prefix = "/api/fn", endpoint = "open_portal_branding", input = Json, output = Json)]
pub async fn open_portal_branding(tenant: String) -> Result<PortalContent<BrandingContent>, Failure> {
    caller::Opened::find(&tenant).await?.with(content::branding).await
}

/// The API keys of a tenant.
///
/// # Errors
/// See [`portal_status`]; `FORBIDDEN` for a member who may not see the keys.
#[server(prefix = "/api/fn", endpoint = "open_portal_keys", input = Json, output = Json)]
pub async fn open_portal_keys(tenant: String) -> Result<PortalContent<KeysContent>, Failure> {
    caller::Opened::find(&tenant).await?.with(content::keys).await
}

/// The use of a tenant's quotas.
///
/// # Errors
/// See [`portal_status`].
#[server(prefix = "/api/fn", endpoint = "open_portal_usage", input = Json, output = Json)]
pub async fn open_portal_usage(tenant: String) -> Result<PortalContent<Vec<Usage>>, Failure> {
    let list = async |engine: &engine::Engine, caller: &engine::tenants::TenantCaller| {
        engine::tenants::list_usage(engine, caller).await
    };
    caller::Opened::find(&tenant).await?.with(list).await
}

/// One page of a tenant's activity. `before` is the cursor of the page, or empty.
///
/// # Errors
/// See [`portal_status`].
#[server(prefix = "/api/fn", endpoint = "open_portal_activity", input = Json, output = Json)]
pub async fn open_portal_activity(
    tenant: String,
    before: String,
) -> Result<PortalContent<ActivityPage>, Failure> {
    let list = async |engine: &engine::Engine, caller: &engine::tenants::TenantCaller| {
        engine::tenants::list_activity(engine, caller, before.parse().ok(), 50).await
    };
    caller::Opened::find(&tenant).await?.with(list).await
}
