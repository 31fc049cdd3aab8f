//! The span and the metrics of a provisioning call. Errors are logged where they are converted to a response.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use domain::{ErrorCode, idempotency_key::IdempotencyKey};
use tracing::{
    Instrument, Span,
    field::{Empty, display},
};

use super::ProvisionOutcome;
use crate::{Engine, Error, access::Caller};

/// Runs a provisioning call in its own span and records its outcome.
///
/// # Errors
/// The errors of `call`.
pub(super) async fn instrumented(
    engine: &Engine,
    caller: &Caller,
    key: &IdempotencyKey,
    call: impl Future<Output = Result<ProvisionOutcome, Error>>,
) -> Result<ProvisionOutcome, Error> {
    let span = span(caller, key);
    let started = Instant::now();
    let result = call.instrument(span.clone()).await;
    record(engine, &span, &result, started.elapsed());
    result
}

/// The span may be exported, so it has IDs and codes but no data of the tenant.
fn span(caller: &Caller, key: &IdempotencyKey) -> Span {
    tracing::info_span!(
        "provision",
        employee.id = caller.employee_id().map(display),
        idempotency.key = %key,
        request.id = Empty,
        outcome = Empty,
        "error.type" = Empty,
        otel.status_code = Empty,
    )
}

fn record(engine: &Engine, span: &Span, result: &Result<ProvisionOutcome, Error>, elapsed: Duration) {
    let (outcome, request_id, code) = match result {
        Ok(ProvisionOutcome::Created(provisioned)) => ("created", Some(provisioned.request_id), None),
        Ok(ProvisionOutcome::Replayed(provisioned)) => ("replayed", Some(provisioned.request_id), None),
        Err(Error::Refused(problem)) => ("refused", problem.request_id, Some(problem.code)),
        Err(error) => ("failed", None, Some(error.problem().code)),
    };
    engine.instruments.record_provisioning(outcome, code, elapsed);
    span.record("outcome", outcome).record("request.id", request_id.map(display));
    span.record("error.type", code.map(ErrorCode::as_str));
    // A refusal is not an error of the service.
    span.record("otel.status_code", (outcome == "failed").then_some("ERROR"));
}
