use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::tenant_key::{IssuedKey, Overlap, TenantKey, parse_key_name};
use engine::{
    Engine,
    access::Actor,
    tenants::{NewKey, Rotation, TenantCaller, create_key, list_keys, revoke_key, rotate_key},
};
use serde_json::json;
use uuid::Uuid;

use super::{Failure, listing::load_all, output};

/// Manage the API keys of a tenant
#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    List(List),
    Create(Create),
    Rotate(Rotate),
    Revoke(Revoke),
}

/// List the API keys of a tenant, newest first, without their secrets
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry key list golden-spoon --json | jq -r '.keys[0].id'")]
pub(crate) struct List {
    /// The ID, code or slug of the tenant
    tenant: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Create an API key for a program of a tenant; the secret key is shown only once
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  SECRET=$(tenantry key create golden-spoon --name website)")]
pub(crate) struct Create {
    /// The ID, code or slug of the tenant
    tenant: String,
    /// The name of the key, which no other working key of the tenant has
    #[arg(long)]
    name: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Replace an API key of a tenant; the new secret key is shown only once
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  SECRET=$(tenantry key rotate golden-spoon --overlap-hours 24 --json | jq -r .secretKey)"
)]
pub(crate) struct Rotate {
    /// The ID, code or slug of the tenant
    tenant: String,
    /// The ID of the key, which `tenantry key list` prints [default: the newest key]
    #[arg(long, value_name = "ID")]
    key: Option<Uuid>,
    /// For how many hours the replaced key keeps working, at most 168 [default: 0, the key stops
    /// working immediately]
    #[arg(long, value_name = "HOURS", default_value_t = 0, hide_default_value = true)]
    overlap_hours: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Revoke an API key of a tenant, so that it stops working immediately
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry key revoke golden-spoon 0197c5c8-4f6e-7d0a-9a42-3f1f3c0c2a11")]
pub(crate) struct Revoke {
    /// The ID, code or slug of the tenant
    tenant: String,
    /// The ID of the key, which `tenantry key list` prints
    key_id: Uuid,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Key {
    pub(crate) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        match self {
            Self::List(list) => list.run(engine).await,
            Self::Create(create) => create.run(engine).await,
            Self::Rotate(rotate) => rotate.run(engine).await,
            Self::Revoke(revoke) => revoke.run(engine).await,
        }
    }
}

impl List {
    async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let by = TenantCaller::actor(Actor::Operator, &self.tenant);
        let load = async |page| list_keys(engine, &by, page).await;
        let keys = load_all(load).await?;
        if self.json {
            output::print_json(&json!({ "keys": keys }))?;
        } else {
            for TenantKey { id, name, status, public_key, .. } in keys {
                output::print(format!("{id}  {status:<8}  {public_key}  {name}"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Create {
    async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let name = parse_key_name(&self.name)
            .map_err(|problem| Failure::new(format!("--name: {}", problem.message)))?;
        let new = NewKey { name, idempotency_key: None };
        let created = create_key(engine, &TenantCaller::actor(Actor::Operator, &self.tenant), &new).await?;
        print_issued(created, self.json)
    }
}

impl Rotate {
    async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let overlap = Overlap::from_hours(self.overlap_hours)
            .map_err(|problem| Failure::new(format!("--overlap-hours: {}", problem.message)))?;
        let rotation = Rotation { key_id: self.key, overlap, ..Rotation::default() };
        let rotated =
            rotate_key(engine, &TenantCaller::actor(Actor::Operator, &self.tenant), &rotation).await?;
        print_issued(rotated, self.json)
    }
}

/// Prints a new key, or only its secret.
fn print_issued(issued: IssuedKey, json: bool) -> Result<ExitCode, Failure> {
    if json {
        output::print_json(&issued)?;
    } else {
        output::print(issued.secret_key.unwrap_or_default())?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Revoke {
    async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        revoke_key(engine, &TenantCaller::actor(Actor::Operator, &self.tenant), self.key_id).await?;
        if self.json {
            output::print_json(&json!({ "revoked": self.key_id }))?;
        } else {
            output::print(format!("The key {} no longer works.", self.key_id))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
