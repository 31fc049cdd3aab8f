mod export;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::{TenantStatus, lifecycle::ChangedTenant};
use engine::{
    Engine,
    access::Actor,
    tenants::{activate_tenant, delete_tenant, restore_tenant, resume_tenant, suspend_tenant},
};

use super::{Failure, output};
use crate::{config::Settings, http::site_origin};

/// Activate, suspend, resume, delete, restore and export tenants
#[derive(Debug, Subcommand)]
pub(crate) enum Tenant {
    Activate(Activate),
    Suspend(Suspend),
    Resume(Resume),
    Delete(Delete),
    Restore(Restore),
    Export(export::Export),
}

/// Activate a complete tenant with an owner that is pending activation or whose setup is incomplete
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry tenant activate golden-spoon")]
pub(crate) struct Activate {
    /// The ID, code or slug of the tenant
    tenant: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Suspend an active tenant: its invitations and the steps of its jobs stop immediately
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry tenant suspend golden-spoon --reason 'The invoice is unpaid'")]
pub(crate) struct Suspend {
    /// The ID, code or slug of the tenant
    tenant: String,
    /// Why the tenant is suspended
    #[arg(long)]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Resume a suspended tenant
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry tenant resume golden-spoon")]
pub(crate) struct Resume {
    /// The ID, code or slug of the tenant
    tenant: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Delete a tenant; it can be restored for 30 days, and is purged afterwards
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry tenant delete TEN-00000001 --confirm golden-spoon")]
pub(crate) struct Delete {
    /// The ID, code or slug of the tenant
    tenant: String,
    /// The slug of the tenant, to confirm the deletion
    #[arg(long, value_name = "SLUG")]
    confirm: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Restore a deleted tenant to the status that it had before
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry tenant restore golden-spoon")]
pub(crate) struct Restore {
    /// The ID, code or slug of the tenant
    tenant: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Tenant {
    pub(crate) async fn run(self, engine: &Engine, settings: &Settings) -> Result<ExitCode, Failure> {
        let by = &Actor::Operator;
        let (changed, json) = match self {
            Self::Export(export) => return export.run(engine).await,
            Self::Activate(Activate { tenant, json }) => {
                let origin = site_origin(settings, settings.listen);
                (activate_tenant(engine, by, &tenant, &origin).await?, json)
            }
            Self::Suspend(Suspend { tenant, reason, json }) => {
                (suspend_tenant(engine, by, &tenant, &reason).await?, json)
            }
            Self::Resume(Resume { tenant, json }) => (resume_tenant(engine, by, &tenant).await?, json),
            Self::Delete(Delete { tenant, confirm, json }) => {
                (delete_tenant(engine, by, &tenant, &confirm).await?, json)
            }
            Self::Restore(Restore { tenant, json }) => (restore_tenant(engine, by, &tenant).await?, json),
        };
        match json {
            true => output::print_json(&changed)?,
            false => output::print(sentence(&changed))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What the command did, as a sentence.
fn sentence(tenant: &ChangedTenant) -> String {
    let ChangedTenant { code, name, status, .. } = tenant;
    match (status, tenant.restorable_until) {
        (TenantStatus::Deleted, Some(until)) => {
            format!("{name} ({code}) is deleted. It can be restored until {}.", until.utc_text())
        }
        _ => format!("{name} ({code}) is {}.", status.as_str().replace('_', " ")),
    }
}
