use std::time::Duration;

use domain::{
    ErrorCode, FieldProblem, Problem, StepState,
    outcome::{Provisioned, ProvisionedOwner},
    paths,
    provisioning::NewTenant,
};
use secrecy::ExposeSecret;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    availability::{check_email, check_slug},
    core_call::{CoreOutcome, call_core},
    instrumented::instrumented,
    outcome::ProvisionOutcome,
    request::{PreparedCall, ProvisionRequest},
};
use crate::{
    Engine, Error,
    access::{Caller, idn_to_ascii},
    mail,
};

/// How many times a call is retried after a conflict between transactions, or after its connection was lost
/// before the response.
const MAX_RETRIES: u32 = 3;

/// Provisions a tenant completely or not at all, exactly once for an idempotency key.
/// `origin` is the start of the invitation link, such as `https://console.example.com`.
///
/// # Errors
/// Any code of docs/specification.md, section 5, except those of pipeline steps. Refused attempts are
/// recorded too, and the key can be used again. Nothing is recorded if the caller may not provision.
pub async fn provision(
    engine: &Engine,
    caller: impl Into<Caller>,
    request: ProvisionRequest,
    origin: &str,
) -> Result<ProvisionOutcome, Error> {
    let caller = caller.into();
    instrumented(engine, &caller, &request.key, attempt(engine, &caller, &request, origin)).await
}

async fn attempt(
    engine: &Engine,
    caller: &Caller,
    request: &ProvisionRequest,
    origin: &str,
) -> Result<ProvisionOutcome, Error> {
    engine.require_schema()?;
    if let Caller::Employee(employee) = caller {
        employee.require_provisioning()?;
    }
    let tenant = match validate(engine, request) {
        Ok(tenant) => tenant,
        Err(problems) => {
            return record_refusal(engine, caller, request, Problem::from_fields(problems)).await;
        }
    };
    let fingerprint = request.fingerprint(&engine.master_key);
    let call = PreparedCall::new(engine, &request.key, &tenant, fingerprint, origin)?
        .with_source(engine, &request.source)?;
    match call_with_retries(engine, caller, &call).await? {
        CoreOutcome::Created(provisioned) => {
            engine.announce(provisioned.request_id);
            wake_workers(engine, &provisioned);
            Ok(ProvisionOutcome::Created(with_secrets(provisioned, &call, origin)))
        }
        // A retry found the tenant of this call, whose first response was lost.
        CoreOutcome::Replayed(provisioned) if provisioned.tenant.id == call.tenant_id => {
            wake_workers(engine, &provisioned);
            Ok(ProvisionOutcome::Created(with_secrets(provisioned, &call, origin)))
        }
        CoreOutcome::Replayed(provisioned) => Ok(ProvisionOutcome::Replayed(provisioned.replayed())),
        CoreOutcome::Refused(problem) => {
            problem.request_id.into_iter().for_each(|id| engine.announce(id));
            Err(enrich_problem(engine, problem, &tenant).await.into())
        }
    }
}

/// Wakes the workers of the jobs that the core has added.
fn wake_workers(engine: &Engine, provisioned: &Provisioned) {
    if provisioned.pipeline.state == StepState::Pending {
        engine.queue().wake_worker();
    }
    // The invitation of a tenant that is not active waits.
    if provisioned.tenant.is_active {
        mail::wake_worker(engine);
    }
}

fn validate(engine: &Engine, request: &ProvisionRequest) -> Result<NewTenant, Vec<FieldProblem>> {
    let mut draft = request.draft.clone();
    // A plan or a blueprint that is not configured gets the same error as a missing one.
    if engine.plan(&draft.plan).is_none() {
        draft.plan.clear();
    }
    if engine.pipeline().blueprint(&draft.blueprint).is_none() {
        draft.blueprint.clear();
    }
    let parsed = NewTenant::parse(&draft, request.has_owner, idn_to_ascii);
    match parsed {
        Ok(tenant) if request.problems.is_empty() => Ok(tenant),
        // The body could not be read, so other problems would be misleading.
        _ if request.problems.iter().any(|p| p.field.is_empty()) => Err(request.problems.clone()),
        result => {
            let mut problems = request.problems.clone();
            let unreadable: Vec<String> = problems.iter().map(|p| p.field.clone()).collect();
            // A field of a wrong type was read as empty, so it has two problems. Only the first one, about
            // the type, is correct.
            problems.extend(
                result.err().unwrap_or_default().into_iter().filter(|p| !unreadable.contains(&p.field)),
            );
            Err(problems)
        }
    }
}

/// Records a refused attempt, and returns its problem with the ID of its request. If the key belongs to a
/// request that is running or has created a tenant, records nothing. The outcome is then a replay if the
/// draft is the same and only the rules for valid fields have changed, and otherwise a problem such as
/// `IDEMPOTENCY_KEY_REUSED`.
async fn record_refusal(
    engine: &Engine,
    caller: &Caller,
    request: &ProvisionRequest,
    problem: Problem,
) -> Result<ProvisionOutcome, Error> {
    let is_readable = request.problems.is_empty();
    let fingerprint = is_readable.then(|| request.fingerprint(&engine.master_key));
    let token_hash = caller.token_hash();
    let response = sqlx::query_scalar!(
        r#"SELECT record_refusal($1, $2, $3, $4, $5, $6, $7, $8) AS "response!""#,
        caller.employee_id(),
        token_hash.as_ref().map(<[u8; 32]>::as_slice),
        request.key.uuid(),
        fingerprint.as_ref().map(<[u8; 32]>::as_slice),
        Uuid::now_v7(),
        request.draft.to_record(),
        problem.code.as_str(),
        serde_json::to_value(&problem).unwrap_or_default()
    )
    .fetch_one(&engine.pool())
    .await?;
    let RecordedRefusal { outcome, request_id, attempt, response } = serde_json::from_value(response)?;
    match (outcome.as_str(), response) {
        ("recorded", _) => Err(Problem { request_id, attempt, ..problem }.into()),
        ("replayed", Some(provisioned)) => Ok(ProvisionOutcome::Replayed(provisioned.replayed())),
        (code, _) => match ErrorCode::from_text(code) {
            Some(code) => Err(Problem { request_id, ..code.into() }.into()),
            None => Err(Error::unexpected("outcome", code)),
        },
    }
}

/// The JSON that `record_refusal` returns.
#[derive(Debug, Deserialize)]
struct RecordedRefusal {
    outcome: String,
    request_id: Option<Uuid>,
    attempt: Option<u32>,
    response: Option<Provisioned>,
}

/// Calls the core, and retries with the same arguments after a failure that may be temporary. The idempotency
/// key makes retries safe: a retry returns the outcome of a call whose response was lost.
async fn call_with_retries(
    engine: &Engine,
    caller: &Caller,
    call: &PreparedCall,
) -> Result<CoreOutcome, Error> {
    let mut retries = 0;
    let mut connection_lost = false;
    let mut cause = None;
    loop {
        let result = call_core(engine, caller, call).await;
        connection_lost |= matches!(&result, Err(error) if error.is_lost_connection());
        let is_temporary = match &result {
            // The call whose connection was lost is still running.
            Ok(CoreOutcome::Refused(problem)) if problem.code == ErrorCode::RequestInProgress => {
                connection_lost
            }
            Ok(CoreOutcome::Refused(problem)) => {
                matches!(problem.code, ErrorCode::SerializationFailure | ErrorCode::Deadlock)
            }
            Ok(_) => false,
            Err(error) => error.is_lost_connection() || is_conflict(error),
        };
        if !is_temporary || retries == MAX_RETRIES {
            if let (Ok(_), Some(cause)) = (&result, cause) {
                tracing::warn!(retries, cause = ErrorCode::as_str(cause), "retried the provisioning call");
            }
            return result;
        }
        cause = code_of(&result);
        retries += 1;
        let jitter = rand::random_range(0.5..1.5);
        tokio::time::sleep(Duration::from_millis(20 << retries).mul_f64(jitter)).await;
    }
}

/// The error code of a failed call. `None` if this call or an earlier one created the tenant.
fn code_of(result: &Result<CoreOutcome, Error>) -> Option<ErrorCode> {
    match result {
        Ok(CoreOutcome::Refused(problem)) => Some(problem.code),
        Ok(_) => None,
        Err(error) => Some(error.problem().code),
    }
}

fn is_conflict(error: &Error) -> bool {
    matches!(error.problem().code, ErrorCode::SerializationFailure | ErrorCode::Deadlock)
}

fn with_secrets(provisioned: Provisioned, call: &PreparedCall, origin: &str) -> Provisioned {
    let invitation_url = || format!("{origin}{}", paths::invitation(call.invitation.expose_secret()));
    let owner =
        provisioned.owner.map(|owner| ProvisionedOwner { invitation_url: Some(invitation_url()), ..owner });
    Provisioned { secret_key: Some(call.secret_key.expose_secret().to_owned()), owner, ..provisioned }
}

/// Adds available slugs, and the tenant that uses the slug or the e-mail address. Returns the problem
/// unchanged if these lookups fail.
async fn enrich_problem(engine: &Engine, problem: Problem, tenant: &NewTenant) -> Problem {
    match problem.code {
        ErrorCode::DuplicateSlug => match check_slug(engine, &tenant.slug, Some(&tenant.name)).await {
            Ok(found) => Problem {
                conflict: found.conflict.or(problem.conflict),
                earlier_tenant: found.earlier_tenant.or(problem.earlier_tenant),
                suggestions: found.suggestions,
                ..problem
            },
            Err(_) => problem,
        },
        ErrorCode::EmailUnavailable if problem.email_reason.is_none() => {
            let Some(owner) = &tenant.owner else { return problem };
            match check_email(engine, &owner.email).await {
                Ok(found) => Problem { conflict: found.conflict, email_reason: found.reason, ..problem },
                Err(_) => problem,
            }
        }
        _ => problem,
    }
}
