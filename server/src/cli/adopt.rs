use std::process::ExitCode;

use clap::Args;
use engine::{
    Engine,
    adoption::{AdoptionError, AdoptionOptions, AdoptionReport, EarlierFunction, Finding, adopt},
};
use serde_json::{Value, json};

use super::{Failure, output};
use crate::{config::Settings, http::site_origin};

/// Adopt the tenants of the earlier system, repeatably and without changing it
///
/// Reads the tables `tenants`, `auto_provisioning`, `profiles`, `employees` and `auth.users` of the database at
/// URL. Each tenant that was not adopted before becomes a tenant of Tenantry. Rows that cannot be adopted are
/// reported with the reason. docs/ADOPT.md describes what is adopted.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tenantry adopt postgres://reader@db.example.com/app --dry-run")]
pub(crate) struct Adopt {
    /// The URL of the database of the earlier system, with a role that may read its tables
    url: String,
    /// Change nothing, and report what would be adopted
    #[arg(long)]
    dry_run: bool,
    /// Send an invitation to each adopted owner who has neither joined nor been sent one
    ///
    /// Its link begins with TENANTRY_PUBLIC_URL or, if that is not set, with the address in TENANTRY_LISTEN.
    #[arg(long)]
    invite: bool,
    /// Drop the function `provision_tenant` of the earlier system after the adoption, so that it creates no more tenants
    #[arg(long)]
    retire: bool,
    /// Drop the function although tenants could not be adopted
    #[arg(long, requires = "retire")]
    accept_not_adopted: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Adopt {
    pub(crate) async fn run(self, engine: &Engine, settings: &Settings) -> Result<ExitCode, Failure> {
        let options = AdoptionOptions {
            dry_run: self.dry_run,
            retire: self.retire,
            accept_not_adopted: self.accept_not_adopted,
            invite_from: self.invite.then(|| site_origin(settings, settings.listen)),
        };
        match adopt(engine, &self.url, &options).await {
            Ok(report) => {
                self.print(&report)?;
                Ok(ExitCode::SUCCESS)
            }
            Err(AdoptionError::Incomplete { count, report }) => {
                self.print(&report)?;
                Err(AdoptionError::Incomplete { count, report }.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn print(&self, report: &AdoptionReport) -> Result<(), Failure> {
        match self.json {
            true => output::print_json(&to_json(report)?),
            false => print_text(report),
        }
    }
}

/// The report, with whether every tenant of the earlier system is in Tenantry.
fn to_json(report: &AdoptionReport) -> Result<Value, Failure> {
    let mut json = serde_json::to_value(report)?;
    json["complete"] = json!(report.missing() == 0);
    Ok(json)
}

/// Prints a line for each tenant that was adopted and each finding, and then the totals.
fn print_text(report: &AdoptionReport) -> Result<(), Failure> {
    if report.dry_run {
        output::print("Nothing was changed. Without --dry-run, the outcome would be:")?;
    }
    for tenant in &report.adopted {
        let code = tenant.code.as_deref().unwrap_or("new");
        let owner = tenant.owner_email.as_deref().unwrap_or("no owner");
        output::print(format!("{code}  {}  {}  {owner}  {}", tenant.slug, tenant.status, tenant.name))?;
    }
    report.not_adopted.iter().try_for_each(|finding| print_finding("not adopted", finding))?;
    report.notes.iter().try_for_each(|finding| print_finding("note", finding))?;
    output::print(format!(
        "Tenants adopted: {}, adopted before: {}, not adopted: {}",
        report.adopted.len(),
        report.unchanged,
        report.not_adopted.len()
    ))?;
    print_next_steps(report)
}

fn print_finding(kind: &str, finding: &Finding) -> Result<(), Failure> {
    let Finding { table, id, slug, detail, .. } = finding;
    output::print(format!("{kind}: {table} {id} ({slug}): {detail}"))
}

/// Prints what remains to be done.
fn print_next_steps(report: &AdoptionReport) -> Result<(), Failure> {
    if report.invited > 0 {
        output::print(format!("Invitations sent to owners: {}", report.invited))?;
    }
    if report.not_invited > 0 {
        let count = report.not_invited;
        output::print(format!(
            "Owners who need an invitation to choose a password: {count}. Send them with --invite."
        ))?;
    }
    if let Some(count @ 1..) = report.earlier_employees {
        output::print(format!(
            "Employees of the earlier system: {count}. They are not adopted. Create them with \
             `tenantry admin create --email ADDRESS --role ROLE`."
        ))?;
    }
    if !report.same_database {
        output::print(
            "The earlier system is in another database. Its slugs and addresses count as taken only after \
             they were adopted. Repeat this command regularly while both systems run.",
        )?;
    }
    if let Some(count) = report.accounts_without_index {
        output::print(format!(
            "Each check of an address reads the {count} accounts of the earlier system. An index makes it faster: \
             CREATE INDEX CONCURRENTLY ON auth.users (lower(email::text));"
        ))?;
    }
    match report.function {
        EarlierFunction::Present => output::print(
            "The function provision_tenant of the earlier system still creates tenants. Repeat this command to \
             adopt them; --retire drops the function.",
        ),
        EarlierFunction::Dropped => output::print("The function provision_tenant was dropped."),
        EarlierFunction::Absent => Ok(()),
    }
}
