//! The seven steps of a provisioning job, each in its own file, and the steps of a purge.

mod activate;
mod copy_by_service;
mod copy_database;
mod finalize;
mod managed_collection;
mod purge;
mod set_admin_user;
mod sign_in_to_odoo;
mod upsert_bridge_metadata;
mod upsert_tenant;
mod upsert_tenant_user;

use std::sync::Arc;

use domain::pipeline::Step;
use jobs::Steps;

use crate::{
    Outbound, TenantStepAdapter, Vault,
    settings::{CopySettings, PipelineSettings},
};

pub use activate::ActivateTenant;
pub use copy_by_service::CopyByService;
pub use copy_database::CopyDatabase;
pub use finalize::Finalize;
pub use purge::with_purge_steps;
pub use set_admin_user::SetAdminUser;
pub use sign_in_to_odoo::SignInToOdoo;
pub use upsert_bridge_metadata::UpsertBridgeMetadata;
pub use upsert_tenant::UpsertTenant;
pub use upsert_tenant_user::UpsertTenantUser;

/// Creates every step that is configured. `activation` activates the tenant in the last step. A process
/// calls this once and shares the result.
///
/// # Errors
/// If the HTTP client cannot be created.
pub fn build_steps(
    settings: &PipelineSettings,
    vault: Vault,
    activation: Arc<dyn ActivateTenant>,
) -> Result<Steps, reqwest::Error> {
    let outbound = Outbound::new(allowed_hosts(settings))?;
    let mut steps = Steps::default();
    let mut finalize = Finalize::new(activation);
    match &settings.copy {
        Some(CopySettings::Postgres(postgres)) => {
            let copy = CopyDatabase::new(postgres.clone(), settings.blueprints.clone())
                .with_admin_login(settings.admin_login());
            steps = steps.with(Step::CopyDatabase, TenantStepAdapter(copy));
        }
        Some(CopySettings::Service { url, token }) => {
            let copy =
                CopyByService::new(outbound.clone(), url.clone(), token.clone(), settings.blueprints.clone());
            steps = steps.with(Step::CopyDatabase, TenantStepAdapter(copy));
        }
        None => {}
    }
    if let Some(odoo) = &settings.odoo18 {
        let sign_in = SignInToOdoo::new(outbound.clone(), odoo.clone(), vault.clone());
        let set_admin = SetAdminUser::new(outbound.clone(), odoo.clone(), vault);
        steps = steps
            .with(Step::SignInToOdoo, TenantStepAdapter(sign_in))
            .with(Step::SetAdminUser, TenantStepAdapter(set_admin));
    }
    if let Some(odoo) = &settings.odoo19 {
        finalize = finalize.with_registry(outbound.clone(), odoo.clone());
        let tenant = UpsertTenant::new(outbound.clone(), odoo.clone());
        let user = UpsertTenantUser::new(outbound.clone(), odoo.clone());
        steps = steps
            .with(Step::UpsertTenant, TenantStepAdapter(tenant))
            .with(Step::UpsertTenantUser, TenantStepAdapter(user));
    }
    if let Some(bridge) = &settings.bridge {
        let upsert = UpsertBridgeMetadata::new(outbound, bridge.clone());
        steps = steps.with(Step::UpsertBridgeMetadata, TenantStepAdapter(upsert));
    }
    Ok(steps.with(Step::Finalize, TenantStepAdapter(finalize)))
}

/// The hosts of the configured URLs, and the hosts that the settings allow in addition.
fn allowed_hosts(settings: &PipelineSettings) -> Vec<String> {
    let copy_service = settings.copy.as_ref().and_then(|copy| match copy {
        CopySettings::Service { url, .. } => Some(url),
        CopySettings::Postgres(_) => None,
    });
    let urls = [
        copy_service,
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
