use std::process::ExitCode;

use clap::Args;
use domain::{ErrorCode, Role, idempotency_key::IdempotencyKey, provisioning::Draft, slug::Slug};
use engine::{
    Engine,
    access::{Actor, Employee, NewToken, create_token, find_token},
    provisioning::{ProvisionRequest, check_slug, provision},
};
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use super::{Failure, output};

/// Create sample tenants, unless they exist
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry demo")]
pub(crate) struct Demo {
    /// Print JSON
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
    pub(crate) async fn run(self, engine: &Engine) -> Result<ExitCode, Failure> {
        let mut missing = Vec::new();
        for sample in SAMPLES {
            let slug = Slug::parse(sample[1]).map_err(|problem| Failure::new(problem.message()))?;
            if check_slug(engine, &slug, None).await?.available {
                missing.push(draft(sample));
            }
        }
        let mut created = Vec::new();
        if !missing.is_empty() {
            let employee = demo_employee(engine).await?;
            for draft in missing {
                created.push(provision_sample(engine, &employee, draft).await?);
            }
        }
        if self.json {
            output::print_json(&json!({ "created": created }))?;
        } else {
            created.iter().try_for_each(output::print)?;
            output::print(format!("Sample tenants created: {}", created.len()))?;
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

/// Creates a service employee for the samples, so that the history shows where they come from.
async fn demo_employee(engine: &Engine) -> Result<Employee, Failure> {
    let new = NewToken { name: "tenantry demo", role: Role::Admin, days: 1, scopes: None };
    let issued = create_token(engine, &Actor::Operator, new).await?;
    let employee = find_token(engine, issued.token.expose_secret()).await?;
    employee.ok_or_else(|| engine::Error::from(ErrorCode::Unauthenticated).into())
}

/// Creates one sample tenant and returns its slug. Its invitation link is discarded.
async fn provision_sample(engine: &Engine, employee: &Employee, draft: Draft) -> Result<String, Failure> {
    let key = IdempotencyKey::from_uuid(Uuid::new_v4()).map_err(|problem| Failure::new(problem.message()))?;
    let slug = draft.slug.clone();
    provision(engine, employee, ProvisionRequest::new(key, draft), "").await?;
    Ok(slug)
}
