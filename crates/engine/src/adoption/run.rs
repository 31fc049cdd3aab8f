use domain::{ErrorCode, Problem};

use super::{
    AdoptionError,
    invite::{invite, owners_without_invitation},
    plan::{Candidate, Plan},
    refusal::is_about_tenant,
    report::{AdoptedTenant, AdoptionReport, EarlierFunction, Finding, Reason},
    retire::retire,
    source::{EarlierData, EarlierDatabase},
};
use crate::{
    Engine, Error,
    access::{Actor, Employee, find_built_in_employee},
    provisioning::{ProvisionOutcome, ProvisionRequest, provision},
    tenants::suspend_tenant,
};

const SUSPENSION_REASON: &str = "Suspended in the earlier system.";

/// What an adoption does besides adopting tenants.
#[derive(Debug, Clone, Default)]
pub struct AdoptionOptions {
    /// Whether to change nothing, and report what would be done.
    pub dry_run: bool,
    /// Whether to drop the function `provision_tenant` of the earlier system afterwards.
    pub retire: bool,
    /// Whether to drop it although tenants could not be adopted.
    pub accept_not_adopted: bool,
    /// The start of the links in the invitations of owners. Without it, no invitation is sent.
    pub invite_from: Option<String>,
}

/// Adopts the tenants of the earlier system at `url`. Repeatable: a run adopts those tenants that were not adopted
/// before. Changes nothing in the earlier system, unless its function is dropped.
///
/// # Errors
/// See [`AdoptionError`]. The tenants that were adopted before the error remain.
pub async fn adopt(
    engine: &Engine,
    url: &str,
    options: &AdoptionOptions,
) -> Result<AdoptionReport, AdoptionError> {
    engine.require_schema()?;
    let mut database = EarlierDatabase::open(engine, url).await?;
    let mut report = AdoptionReport {
        dry_run: options.dry_run,
        same_database: database.is_own,
        adopted: Vec::new(),
        unchanged: 0,
        not_adopted: Vec::new(),
        notes: Vec::new(),
        earlier_employees: None,
        invited: 0,
        not_invited: 0,
        accounts_without_index: None,
        function: EarlierFunction::Absent,
    };
    run_once(engine, &mut database, options, &mut report).await?;
    if options.retire && !options.dry_run && report.function == EarlierFunction::Present {
        let count = report.missing();
        if count > 0 && !options.accept_not_adopted {
            return Err(AdoptionError::Incomplete { count, report: Box::new(report) });
        }
        retire(engine, &mut database).await?;
        // Finds the tenants that the function created until it was dropped.
        run_once(engine, &mut database, options, &mut report).await?;
        report.function = EarlierFunction::Dropped;
    }
    let owners = owners_without_invitation(engine).await?;
    match &options.invite_from {
        Some(origin) if !options.dry_run => report.invited = invite(engine, &owners, origin).await?,
        _ => report.not_invited = owners.len(),
    }
    Ok(report)
}

/// Reads the earlier system and adopts its new tenants. Replaces everything in the report except for the tenants
/// that were adopted before.
async fn run_once(
    engine: &Engine,
    database: &mut EarlierDatabase,
    options: &AdoptionOptions,
    report: &mut AdoptionReport,
) -> Result<(), AdoptionError> {
    let data = database.read().await?;
    let plan = Plan::new(engine, &data).await?;
    let EarlierData { employees, has_function, slow_accounts, .. } = data;
    report.unchanged = plan.unchanged.saturating_sub(report.adopted.len());
    report.not_adopted = plan.not_adopted;
    // A note about a tenant that this run has adopted is not repeated by the second pass.
    report.notes.retain(|note| !plan.notes.contains(note));
    report.notes.extend(plan.notes);
    report.earlier_employees = employees;
    report.accounts_without_index = slow_accounts.filter(|_| report.same_database);
    report.function = if has_function { EarlierFunction::Present } else { EarlierFunction::Absent };
    if options.dry_run {
        report.adopted.extend(plan.candidates.iter().map(|candidate| adopted_tenant(candidate, None)));
        return Ok(());
    }
    let employee = find_built_in_employee(engine, "adoption").await?;
    for candidate in plan.candidates {
        match adopt_tenant(engine, &employee, &candidate).await? {
            Ok(adopted) => report.adopted.push(adopted),
            Err(refused) => report.not_adopted.push(refused),
        }
    }
    for code in plan.to_suspend {
        suspend(engine, &code).await?;
    }
    Ok(())
}

/// Suspends a tenant, unless somebody has deleted it meanwhile.
async fn suspend(engine: &Engine, code: &str) -> Result<(), Error> {
    match suspend_tenant(engine, &Actor::Operator, code, SUSPENSION_REASON).await {
        Err(Error::Refused(problem)) if is_about_tenant(problem.code) => Ok(()),
        result => result.map(drop),
    }
}

fn adopted_tenant(candidate: &Candidate, code: Option<String>) -> AdoptedTenant {
    let status = match (candidate.has_owner, candidate.is_suspended) {
        (false, _) => "pending_activation",
        (true, true) => "suspended",
        (true, false) => "active",
    };
    AdoptedTenant {
        earlier_id: candidate.earlier_id.clone(),
        code,
        slug: candidate.draft.slug.clone(),
        name: candidate.draft.name.clone(),
        status: status.to_owned(),
        owner_email: candidate.has_owner.then(|| candidate.draft.owner_email.clone()),
    }
}

/// Creates one tenant through the atomic core. Returns a finding if the core refused it.
async fn adopt_tenant(
    engine: &Engine,
    employee: &Employee,
    candidate: &Candidate,
) -> Result<Result<AdoptedTenant, Finding>, Error> {
    let (key, draft) = (candidate.key.clone(), candidate.draft.clone());
    let request = ProvisionRequest::from_adoption(key, draft, candidate.has_owner);
    let provisioned = match provision(engine, employee, request, "").await {
        Ok(ProvisionOutcome::Created(provisioned) | ProvisionOutcome::Replayed(provisioned)) => provisioned,
        // The next run tries again.
        Err(Error::Refused(problem)) if problem.code.is_retryable() => return Err(Error::Refused(problem)),
        Err(Error::Refused(problem)) => return Ok(Err(refused(candidate, &problem))),
        Err(error) => return Err(error),
    };
    let code = provisioned.tenant.code;
    if candidate.is_suspended && candidate.has_owner {
        suspend(engine, &code).await?;
    }
    Ok(Ok(adopted_tenant(candidate, Some(code))))
}

fn refused(candidate: &Candidate, problem: &Problem) -> Finding {
    let reason = match problem.code {
        ErrorCode::DuplicateSlug => Reason::SlugTaken,
        ErrorCode::DuplicateRequest => Reason::RemovedFromTenantry,
        _ => Reason::Refused,
    };
    Finding {
        table: "public.tenants",
        id: candidate.earlier_id.clone(),
        slug: candidate.draft.slug.clone(),
        reason,
        detail: format!("{} ({})", problem.detail(), problem.code),
    }
}
