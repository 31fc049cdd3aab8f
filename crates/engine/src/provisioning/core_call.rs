use std::time::Duration;

use domain::{
    ErrorCode, FieldProblem, Problem,
    outcome::Provisioned,
    pipeline::Step,
    provisioning::{DraftField, INVITATION_DAYS, starting_defaults},
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::order::PreparedCall;
use crate::{Engine, Error};

/// How long an answer may take: longer than a statement may run and a connection be waited for.
const ANSWER: Duration = Duration::from_secs(20);

/// What the database function answered.
#[derive(Debug)]
pub(super) enum CoreOutcome {
    Created(Provisioned),
    Replayed(Provisioned),
    Refused(Problem),
}

/// The function's answer as it travels.
#[derive(Debug, Deserialize)]
struct Wire {
    outcome: String,
    request_id: Option<Uuid>,
    response: Option<Provisioned>,
    problem: Option<Problem>,
    sqlstate: Option<String>,
    message: Option<String>,
    stage: Option<String>,
}

/// Names the one field that only the database can judge: a time zone that it does not know.
pub(super) fn with_time_zone(problem: Problem) -> Problem {
    if problem.code != ErrorCode::ValidationError || !problem.errors.is_empty() {
        return problem;
    }
    let error = FieldProblem::new(
        DraftField::TimeZone.path(),
        "unknown",
        "This time zone does not exist. Choose one from the list.",
    );
    Problem { errors: vec![error], ..problem }
}

/// The one round trip (SPEC section 4): a single statement that commits by itself.
pub(super) async fn call_core(
    engine: &Engine,
    employee_id: Uuid,
    call: &PreparedCall,
) -> Result<CoreOutcome, Error> {
    let pool = engine.pool();
    let asked = sqlx::query_scalar!(
        r#"SELECT provision_tenant_atomic($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, make_interval(days => $12)) AS "answer!""#,
        employee_id,
        call.key,
        &call.fingerprint[..],
        call.request_id,
        call.tenant_id,
        call.owner_id,
        call.payload,
        starting_defaults(|step| takes(engine, &call.payload, step)),
        call.public_key,
        &call.secret_hash()[..],
        &call.invitation_hash()[..],
        INVITATION_DAYS as i32
    )
    .fetch_one(&pool);
    // The database ends a statement that takes too long. A host that is gone ends nothing.
    let lost = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    read_answer(tokio::time::timeout(ANSWER, asked).await.map_err(lost)??)
}

fn takes(engine: &Engine, payload: &Value, step: Step) -> bool {
    let name = payload.get("blueprint").and_then(Value::as_str).unwrap_or_default();
    let settings = engine.pipeline();
    settings.blueprint(name).is_some_and(|blueprint| settings.includes(blueprint, step))
}

fn read_answer(answer: Value) -> Result<CoreOutcome, Error> {
    let wire: Wire = serde_json::from_value(answer).map_err(|error| Error::Answer(error.to_string()))?;
    let refused =
        |code: ErrorCode| CoreOutcome::Refused(Problem { request_id: wire.request_id, ..code.into() });
    match (wire.outcome.as_str(), wire.response, wire.problem) {
        ("created", Some(made), _) => Ok(CoreOutcome::Created(made)),
        ("replayed", Some(made), _) => Ok(CoreOutcome::Replayed(made)),
        ("failed", _, Some(problem)) => {
            tracing::warn!(request.id = ?wire.request_id, sqlstate = ?wire.sqlstate, cause = ?wire.message, stage = ?wire.stage, "nothing was provisioned");
            Ok(CoreOutcome::Refused(with_time_zone(problem)))
        }
        (code, ..) => match ErrorCode::from_text(code) {
            Some(code) => Ok(refused(code)),
            None => Err(Error::Answer(format!("outcome {code}"))),
        },
    }
}
