use domain::{
    ErrorCode, FieldProblem, Problem,
    outcome::Provisioned,
    provisioning::{DraftField, INVITATION_DAYS},
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::request::PreparedCall;
use crate::{
    Engine, Error,
    access::{Caller, client_address},
};

/// The result of one call of the core.
#[derive(Debug)]
pub(super) enum CoreOutcome {
    Created(Provisioned),
    Replayed(Provisioned),
    Refused(Problem),
}

/// The JSON that `provision_tenant_atomic` returns.
#[derive(Debug, Deserialize)]
struct CoreResponse {
    outcome: String,
    request_id: Option<Uuid>,
    response: Option<Provisioned>,
    problem: Option<Problem>,
    sqlstate: Option<String>,
    message: Option<String>,
    stage: Option<String>,
}

/// Adds the field to a validation error of the database. The database validates only the time zone.
pub(super) fn with_time_zone_error(problem: Problem) -> Problem {
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

/// Calls the core (docs/specification.md, section 4) in one round trip: a single statement, which is its own
/// transaction.
pub(super) async fn call_core(
    engine: &Engine,
    caller: &Caller,
    call: &PreparedCall,
) -> Result<CoreOutcome, Error> {
    let (pool, token_hash, client_address) = (engine.pool(), caller.token_hash(), client_address());
    let query = sqlx::query_scalar!(
        r#"SELECT provision_tenant_atomic($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, make_interval(days => $13), $14, $15) AS "response!""#,
        caller.employee_id(),
        token_hash.as_ref().map(<[u8; 32]>::as_slice),
        call.key,
        &call.fingerprint[..],
        call.request_id,
        call.tenant_id,
        call.owner_id,
        call.payload,
        call.defaults,
        call.public_key,
        &call.secret_hash()[..],
        &call.invitation_hash()[..],
        INVITATION_DAYS as i32,
        call.mail,
        client_address.as_deref()
    )
    .fetch_one(&pool);
    read_response(query.await?)
}

fn read_response(value: Value) -> Result<CoreOutcome, Error> {
    let response: CoreResponse = serde_json::from_value(value)?;
    let refused =
        |code: ErrorCode| CoreOutcome::Refused(Problem { request_id: response.request_id, ..code.into() });
    match (response.outcome.as_str(), response.response, response.problem) {
        ("created", Some(provisioned), _) => Ok(CoreOutcome::Created(provisioned)),
        ("replayed", Some(provisioned), _) => Ok(CoreOutcome::Replayed(provisioned)),
        ("failed", _, Some(problem)) => {
            tracing::warn!(request.id = ?response.request_id, sqlstate = ?response.sqlstate, cause = ?response.message, stage = ?response.stage, "the provisioning attempt failed");
            Ok(CoreOutcome::Refused(with_time_zone_error(problem)))
        }
        (code, ..) => match ErrorCode::from_text(code) {
            Some(code) => Ok(refused(code)),
            None => Err(Error::unexpected("outcome", code)),
        },
    }
}
