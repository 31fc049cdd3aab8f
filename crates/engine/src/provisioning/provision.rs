use std::time::Duration;

use connectors::PipelineSettings;
use domain::{ErrorCode, FieldProblem, Problem, outcome::Provisioned, provisioning::NewTenant};
use secrecy::ExposeSecret;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    availability::{check_email, check_slug},
    core_call::{CoreOutcome, call_core},
    noted::noted,
    order::{PreparedCall, ProvisionRequest},
};
use crate::{
    Engine, Error,
    access::{Principal, idn_to_ascii},
};

/// How often a call is repeated after a failure that may pass: a conflict between
/// transactions, or a connection that broke before the answer came.
const REPEATS: u32 = 3;

/// A tenant, made now or before.
#[derive(Debug)]
pub enum Answer {
    /// Made by this call; tells the secret key and the invitation.
    Created(Provisioned),
    /// Made by an earlier call with the same key; tells neither.
    Replayed(Provisioned),
}

/// Makes a whole tenant or none, exactly once for the employee and the key. `origin` is what
/// the invitation link starts with, such as `https://console.example.com`.
///
/// # Errors
/// Any code of SPEC section 5 that does not belong to a step. Attempts that were refused are on
/// record too, and do not use up the key.
pub async fn provision(
    engine: &Engine,
    principal: &Principal,
    order: ProvisionRequest,
    origin: &str,
) -> Result<Answer, Error> {
    noted(engine, principal, &order.key, attempt(engine, principal, &order, origin)).await
}

async fn attempt(
    engine: &Engine,
    principal: &Principal,
    order: &ProvisionRequest,
    origin: &str,
) -> Result<Answer, Error> {
    engine.require_schema()?;
    let checked = match principal.role.may_provision() {
        true => checked(engine.pipeline(), order).map_err(Problem::of_fields),
        false => Err(ErrorCode::Forbidden.into()),
    };
    let tenant = match checked {
        Ok(tenant) => tenant,
        Err(problem) => return Err(record_refusal(engine, principal, order, problem).await?.into()),
    };
    let call = PreparedCall::new(&order.key, &tenant, &engine.master_key);
    let answer = call_until_answered(engine, principal, &call).await?;
    match answer {
        CoreOutcome::Created(made) => {
            engine.announce(made.request_id);
            Ok(Answer::Created(with_secrets(made, &call, origin)))
        }
        // The answer to this very call was lost on its way, and is now found again.
        CoreOutcome::Replayed(made) if made.tenant.id == call.tenant_id => {
            Ok(Answer::Created(with_secrets(made, &call, origin)))
        }
        CoreOutcome::Replayed(made) => Ok(Answer::Replayed(made.replayed())),
        CoreOutcome::Refused(problem) => {
            problem.request_id.into_iter().for_each(|id| engine.announce(id));
            Err(enrich_problem(engine, problem, &tenant).await.into())
        }
    }
}

fn checked(pipeline: &PipelineSettings, order: &ProvisionRequest) -> Result<NewTenant, Vec<FieldProblem>> {
    let mut draft = order.draft.clone();
    if pipeline.blueprint(&draft.blueprint).is_none() {
        // One that is not configured is as good as none.
        draft.blueprint.clear();
    }
    let parsed = NewTenant::parse(&draft, idn_to_ascii);
    match parsed {
        Ok(tenant) if order.problems.is_empty() => Ok(tenant),
        // Of a body that could not be read as a whole nothing more can be said.
        _ if order.problems.iter().any(|p| p.field.is_empty()) => Err(order.problems.clone()),
        result => {
            let mut problems = order.problems.clone();
            let broken: Vec<String> = problems.iter().map(|p| p.field.clone()).collect();
            // A field of a wrong type was read as empty: one problem is enough for it.
            problems
                .extend(result.err().unwrap_or_default().into_iter().filter(|p| !broken.contains(&p.field)));
            Err(problems)
        }
    }
}

/// Keeps the refused attempt in the history and names it in the problem. Where the key is not
/// free to be tried, that is the problem.
async fn record_refusal(
    engine: &Engine,
    principal: &Principal,
    order: &ProvisionRequest,
    problem: Problem,
) -> Result<Problem, Error> {
    let answer = sqlx::query_scalar!(
        r#"SELECT record_refused_attempt($1, $2, $3, $4, $5, $6) AS "answer!""#,
        principal.employee_id,
        order.key.uuid(),
        Uuid::now_v7(),
        order.draft.to_record(),
        problem.code.as_str(),
        serde_json::to_value(&problem).unwrap_or_default()
    )
    .fetch_one(&engine.pool())
    .await?;
    let recorded: Recorded =
        serde_json::from_value(answer).map_err(|error| Error::Answer(error.to_string()))?;
    let problem = match recorded.outcome {
        Some(code) if problem.code != ErrorCode::Forbidden => code.into(),
        _ => problem,
    };
    Ok(Problem { request_id: recorded.request_id, attempt: recorded.attempt, ..problem })
}

/// What became of a refused attempt.
#[derive(Debug, Deserialize)]
struct Recorded {
    request_id: Option<Uuid>,
    attempt: Option<u32>,
    outcome: Option<ErrorCode>,
}

/// Calls the core, and again with the very same ids where a repeat can help: the key makes
/// repeating safe, and finds what a lost answer did.
async fn call_until_answered(
    engine: &Engine,
    principal: &Principal,
    call: &PreparedCall,
) -> Result<CoreOutcome, Error> {
    let mut repeat = 0;
    let mut lost = false;
    loop {
        let result = call_core(engine, principal.employee_id, call).await;
        lost |= matches!(&result, Err(error) if error.is_lost_connection());
        let passing = match &result {
            // What still runs is this very call, whose connection was lost.
            Ok(CoreOutcome::Refused(problem)) if problem.code == ErrorCode::RequestInProgress => lost,
            Ok(CoreOutcome::Refused(problem)) => {
                matches!(problem.code, ErrorCode::SerializationFailure | ErrorCode::Deadlock)
            }
            Ok(_) => false,
            Err(error) => error.is_lost_connection() || is_conflict(error),
        };
        if !passing || repeat == REPEATS {
            return result;
        }
        repeat += 1;
        tracing::info!(repeat, "the call to the core is repeated");
        let jitter = rand::random_range(0.5..1.5);
        tokio::time::sleep(Duration::from_millis(20 << repeat).mul_f64(jitter)).await;
    }
}

fn is_conflict(error: &Error) -> bool {
    matches!(error.problem().code, ErrorCode::SerializationFailure | ErrorCode::Deadlock)
}

fn with_secrets(made: Provisioned, call: &PreparedCall, origin: &str) -> Provisioned {
    let mut owner = made.owner;
    owner.invitation_url = Some(format!("{origin}/invitation/{}", call.invitation.expose_secret()));
    Provisioned { secret_key: Some(call.secret_key.expose_secret().to_owned()), owner, ..made }
}

/// Adds what only a look at the database can tell: free slugs, and who won a race for the slug
/// or the address. A failure to find it is no reason to hide the problem.
async fn enrich_problem(engine: &Engine, problem: Problem, tenant: &NewTenant) -> Problem {
    match problem.code {
        ErrorCode::DuplicateSlug => match check_slug(engine, &tenant.slug, Some(&tenant.name)).await {
            Ok(found) => Problem {
                conflict: problem.conflict.or(found.conflict),
                suggestions: found.suggestions,
                ..problem
            },
            Err(_) => problem,
        },
        ErrorCode::EmailUnavailable if problem.email_reason.is_none() => {
            match check_email(engine, &tenant.owner.email).await {
                Ok(found) => Problem { conflict: found.conflict, email_reason: found.reason, ..problem },
                Err(_) => problem,
            }
        }
        _ => problem,
    }
}
