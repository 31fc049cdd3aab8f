use std::process::ExitCode;

use clap::Args;
use domain::{ErrorCode, Role, idempotency_key::IdempotencyKey, provisioning::Draft, slug::Slug};
use engine::{
    Engine,
    access::{Principal, create_token, find_token},
    provisioning::{ProvisionRequest, check_slug, provision},
};
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use super::{Failure, output};

/// Add a handful of sample tenants; does nothing where they are there already
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry demo")]
pub struct Demo {
    /// Answer as JSON
    #[arg(long)]
    json: bool,
}

/// Name, slug, plan, time zone, currency, owner.
const SAMPLES: [[&str; 6]; 5] = [
    ["Blue Heron Bakery", "blue-heron", "lite", "Europe/Berlin", "EUR", "Mara Vogel"],
    ["Copper Kettle Roasters", "copper-kettle", "pro", "America/New_York", "USD", "Owen Hale"],
    ["Harbour Lights Hotel", "harbour-lights", "enterprise", "Europe/London", "GBP", "Priya Nair"],
    ["Maple Street Books", "maple-street", "lite", "America/Toronto", "CAD", "Luc Tremblay"],
    ["North Star Cycling", "north-star", "pro", "Europe/Oslo", "NOK", "Ingrid Dahl"],
];

impl Demo {
    pub async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let mut missing = Vec::new();
        for sample in SAMPLES {
            let slug = Slug::parse(sample[1]).map_err(|problem| Failure::new(problem.message()))?;
            if check_slug(engine, &slug, None).await?.available {
                missing.push(draft(sample));
            }
        }
        let mut made = Vec::new();
        if !missing.is_empty() {
            let principal = demo_principal(engine).await?;
            for draft in missing {
                made.push(provision_sample(engine, &principal, draft).await?);
            }
        }
        if self.json {
            output::say_json(&json!({ "created": made }))?;
        } else {
            made.iter().try_for_each(output::say)?;
            output::say(format!("Sample tenants created: {}", made.len()))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn draft([name, slug, plan, time_zone, currency, owner]: [&str; 6]) -> Draft {
    Draft {
        name: name.into(),
        slug: slug.into(),
        plan: plan.into(),
        time_zone: time_zone.into(),
        currency: currency.into(),
        owner_name: owner.into(),
        owner_email: format!("owner@{slug}.example"),
        ..Draft::default()
    }
}

/// A service employee of its own, so that the history tells where the samples came from.
async fn demo_principal(engine: &Engine) -> Result<Principal, Failure> {
    let issued = create_token(engine, "tenantry demo", Role::Admin, 1).await?;
    let principal = find_token(engine, issued.token.expose_secret()).await?;
    principal.ok_or_else(|| engine::Error::from(ErrorCode::Unauthenticated).into())
}

/// Makes one sample and returns its slug. The invitation is not told: nobody is to accept it.
async fn provision_sample(engine: &Engine, principal: &Principal, draft: Draft) -> Result<String, Failure> {
    let key = IdempotencyKey::from_uuid(Uuid::new_v4()).map_err(|problem| Failure::new(problem.message()))?;
    let slug = draft.slug.clone();
    provision(engine, principal, ProvisionRequest { key, draft, problems: Vec::new() }, "").await?;
    Ok(slug)
}
