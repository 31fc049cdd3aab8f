use std::process::ExitCode;

use clap::{Args, Subcommand};
use engine::{
    Engine,
    access::Actor,
    tenants::{TenantCaller, resend_invitation, revoke_invitation},
};
use serde_json::json;

use super::{Failure, output};
use crate::{config::Settings, http::site_origin};

/// Manage the invitation of a tenant's owner
#[derive(Debug, Subcommand)]
pub(crate) enum Invitation {
    Resend(Resend),
    Revoke(Revoke),
}

/// Create a new invitation link for the owner; it is shown only once, and the former link stops working
///
/// The link begins with TENANTRY_PUBLIC_URL or, if that is not set, with the address in TENANTRY_LISTEN.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry invitation resend golden-spoon")]
pub(crate) struct Resend {
    /// The ID, code or slug of the tenant
    tenant: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Revoke the owner's invitation, so that its link stops working immediately
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry invitation revoke golden-spoon")]
pub(crate) struct Revoke {
    /// The ID, code or slug of the tenant
    tenant: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Invitation {
    pub(crate) async fn run(self, engine: &Engine, settings: &Settings) -> Result<ExitCode, Failure> {
        match self {
            Self::Resend(resend) => resend.run(engine, settings).await,
            Self::Revoke(revoke) => revoke.run(engine).await,
        }
    }
}

impl Resend {
    async fn run(self, engine: &Engine, settings: &Settings) -> Result<ExitCode, Failure> {
        let origin = site_origin(settings, settings.listen);
        let by = TenantCaller::actor(Actor::Operator, &self.tenant);
        let resent = resend_invitation(engine, &by, None, &origin).await?;
        if self.json {
            output::print_json(&resent)?;
        } else {
            output::print(resent.invitation_url)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Revoke {
    async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        revoke_invitation(engine, &TenantCaller::actor(Actor::Operator, &self.tenant), None).await?;
        if self.json {
            output::print_json(&json!({ "revoked": self.tenant }))?;
        } else {
            output::print("The invitation link no longer works.")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
