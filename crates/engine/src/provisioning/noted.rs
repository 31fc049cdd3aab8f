//! The end of a call to provision, in one place: a measurement and the end of its span. The log has
//! its line where a refusal or a fault is told.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use domain::{ErrorCode, idempotency_key::IdempotencyKey};
use tracing::{
    Instrument, Span,
    field::{Empty, display},
};

use super::Answer;
use crate::{Engine, Error, access::Principal};

/// Does the work of a call within a span of its own, and notes its end.
///
/// # Errors
/// Those of the work.
pub(super) async fn noted(
    engine: &Engine,
    principal: &Principal,
    key: &IdempotencyKey,
    work: impl Future<Output = Result<Answer, Error>>,
) -> Result<Answer, Error> {
    let span = span(principal, key);
    let begun = Instant::now();
    let answer = work.instrument(span.clone()).await;
    note(engine, &span, &answer, begun.elapsed());
    answer
}

/// The span may leave the house: ids and codes, but nothing of the tenant.
fn span(principal: &Principal, key: &IdempotencyKey) -> Span {
    tracing::info_span!(
        "provision",
        employee.id = %principal.employee_id,
        idempotency.key = %key,
        request.id = Empty,
        outcome = Empty,
        "error.type" = Empty,
        otel.status_code = Empty,
    )
}

fn note(engine: &Engine, span: &Span, answer: &Result<Answer, Error>, took: Duration) {
    let (outcome, request_id, code) = match answer {
        Ok(Answer::Created(made)) => ("created", Some(made.request_id), None),
        Ok(Answer::Replayed(made)) => ("replayed", Some(made.request_id), None),
        Err(Error::Refused(problem)) => ("refused", problem.request_id, Some(problem.code)),
        Err(error) => ("failed", None, Some(error.problem().code)),
    };
    engine.instruments.provisioning_ended(outcome, code, took);
    span.record("outcome", outcome).record("request.id", request_id.map(display));
    span.record("error.type", code.map(ErrorCode::as_str));
    // A refusal is an answer like any other.
    span.record("otel.status_code", (outcome == "failed").then_some("ERROR"));
}
