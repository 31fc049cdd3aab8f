//! The seven steps of SPEC section 6, one file each, and what they share.

mod copy_by_service;
mod copy_database;
mod finalize;
mod set_admin_user;
mod sign_in_to_odoo;
mod upsert_bridge_metadata;
mod upsert_tenant;
mod upsert_tenant_user;

use domain::pipeline::Step;

use super::{
    Outbound, Steps, Vault,
    settings::{CopySettings, PipelineSettings},
};
use crate::Engine;

pub use copy_by_service::CopyByService;
pub use copy_database::CopyDatabase;
pub use finalize::Finalize;
pub use set_admin_user::SetAdminUser;
pub use sign_in_to_odoo::SignInToOdoo;
pub use upsert_bridge_metadata::UpsertBridgeMetadata;
pub use upsert_tenant::UpsertTenant;
pub use upsert_tenant_user::UpsertTenantUser;

/// The work of every step that the engine's pipeline is configured for.
///
/// # Errors
/// When no HTTP client can be made.
pub fn build(engine: &Engine) -> Result<Steps, reqwest::Error> {
    let settings = engine.pipeline();
    let outbound = Outbound::new(places(settings))?;
    let vault = Vault::new(engine.clone());
    let mut steps = Steps::default();
    let mut finalize = Finalize::new(engine.clone());
    match &settings.copy {
        Some(CopySettings::Postgres(copies)) => {
            let copy = CopyDatabase::new(copies.clone(), settings.blueprints.clone());
            steps = steps.with(Step::CopyDatabase, copy);
        }
        Some(CopySettings::Service { url, token }) => {
            let copy =
                CopyByService::new(outbound.clone(), url.clone(), token.clone(), settings.blueprints.clone());
            steps = steps.with(Step::CopyDatabase, copy);
        }
        None => {}
    }
    if let Some(odoo) = &settings.odoo18 {
        steps = steps
            .with(Step::SignInToOdoo, SignInToOdoo::new(outbound.clone(), odoo.clone(), vault.clone()))
            .with(Step::SetAdminUser, SetAdminUser::new(outbound.clone(), odoo.clone(), vault));
    }
    if let Some(odoo) = &settings.odoo19 {
        finalize = finalize.with_list(outbound.clone(), odoo.clone())?;
        steps = steps
            .with(Step::UpsertTenant, UpsertTenant::new(outbound.clone(), odoo.clone())?)
            .with(Step::UpsertTenantUser, UpsertTenantUser::new(outbound.clone(), odoo.clone())?);
    }
    if let Some(bridge) = &settings.bridge {
        steps = steps.with(Step::UpsertBridgeMetadata, UpsertBridgeMetadata::new(outbound, bridge.clone()));
    }
    Ok(steps.with(Step::Finalize, finalize))
}

/// The hosts that may be called: those that are configured to be.
fn places(settings: &PipelineSettings) -> Vec<String> {
    let copy = settings.copy.as_ref().and_then(|copy| match copy {
        CopySettings::Service { url, .. } => Some(url),
        CopySettings::Postgres(_) => None,
    });
    let urls = [
        copy,
        settings.odoo18.as_ref().map(|odoo| &odoo.url),
        settings.odoo19.as_ref().map(|odoo| &odoo.url),
        settings.bridge.as_ref().map(|bridge| &bridge.url),
    ];
    urls.into_iter()
        .flatten()
        .map(ToString::to_string)
        .chain(settings.allowed_hosts.iter().cloned())
        .collect()
}
