//! The seven steps of a provisioning job, each in its own file, the steps of lifecycle jobs, and those of a
//! purge.

mod activate;
mod archive_tenant;
mod copy_by_service;
mod copy_database;
mod finalize;
mod managed_collection;
mod purge;
mod set_admin_user;
mod set_bridge_status;
mod set_database_access;
mod set_sync_status;
mod sign_in_to_odoo;
mod upsert_bridge_metadata;
mod upsert_tenant;
mod upsert_tenant_user;

use std::sync::Arc;

use domain::pipeline::Step;
use jobs::{StepWork, Steps};

use crate::{
    Outbound, TenantStep, TenantStepAdapter, Vault,
    settings::{CopySettings, PipelineSettings},
};

pub use activate::ActivateTenant;
pub use archive_tenant::{ArchiveTenant, ArchiveTenantUsers};
pub use copy_by_service::CopyByService;
pub use copy_database::CopyDatabase;
pub use finalize::Finalize;
pub use purge::with_purge_steps;
pub use set_admin_user::SetAdminUser;
pub use set_bridge_status::SetBridgeStatus;
pub use set_database_access::SetDatabaseAccess;
pub use set_sync_status::SetSyncStatus;
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
            let access = SetDatabaseAccess::new(postgres.clone());
            steps = steps.with(Step::CopyDatabase, TenantStepAdapter(copy));
            steps = with_access_step(steps, Step::CopyDatabase, access);
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
            .with(Step::UpsertTenantUser, TenantStepAdapter(user))
            .with(
                Step::UpsertTenant.purge_name(),
                TenantStepAdapter(ArchiveTenant::new(outbound.clone(), odoo.clone())),
            )
            .with(
                Step::UpsertTenantUser.purge_name(),
                TenantStepAdapter(ArchiveTenantUsers::new(outbound.clone(), odoo.clone())),
            );
        let sync_status = SetSyncStatus::new(outbound.clone(), odoo.clone());
        steps = with_access_step(steps, Step::UpsertTenant, sync_status);
    }
    if let Some(bridge) = &settings.bridge {
        let upsert = UpsertBridgeMetadata::new(outbound.clone(), bridge.clone());
        let status = SetBridgeStatus::new(outbound, bridge.clone());
        steps = steps.with(Step::UpsertBridgeMetadata, TenantStepAdapter(upsert));
        steps = with_access_step(steps, Step::UpsertBridgeMetadata, status);
    }
    Ok(steps.with(Step::Finalize, TenantStepAdapter(finalize)))
}

/// Adds the step of lifecycle jobs that changes the effect of a step. The step reads from the status of the
/// tenant what to do, so it has the same implementation under both of its names.
pub fn with_access_step(steps: Steps, step: Step, work: impl TenantStep + 'static) -> Steps {
    let work: Arc<dyn StepWork> = Arc::new(TenantStepAdapter(work));
    let names = [false, true].map(|allowed| step.access_name(allowed));
    names.into_iter().fold(steps, |steps, name| steps.with_shared(name, work.clone()))
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
