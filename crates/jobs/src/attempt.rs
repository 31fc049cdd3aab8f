//! Records the outcome of every attempt in the log, in the metrics and in the span of the attempt.

use std::{future::Future, time::Instant};

use domain::{ErrorCode, jobs::StepFailure};
use tracing::{
    Instrument, Span,
    field::{Empty, display},
};

use crate::{Error, Queue, queue::Claim};

/// How an attempt ended.
#[derive(Debug)]
pub(crate) enum AttemptOutcome {
    /// The step succeeded. Holds the next step of the job, already started, if there is one.
    Succeeded(Option<Box<Claim>>),
    Failed(StepFailure),
    /// The worker shut down before the step ended, and released the step.
    Released,
    /// The worker no longer holds the step: its lease expired, or another worker or a rollback took over.
    /// Nothing was written.
    Superseded,
}

/// The reason that is stored with a released attempt.
pub(crate) const RELEASE_REASON: &str = "the worker shut down";

/// Runs an attempt within its own span and records its outcome. An attempt is *lost* if its outcome could not
/// be stored, its code panicked, or its task was aborted. When the lease of a lost attempt expires, another
/// worker takes the step over.
///
/// # Errors
/// The errors of `work`.
pub(crate) async fn instrumented(
    queue: &Queue,
    claim: &Claim,
    work: impl Future<Output = Result<AttemptOutcome, Error>>,
) -> Result<AttemptOutcome, Error> {
    let mut attempt = Attempt { queue, claim, started: Instant::now(), span: span(claim), recorded: false };
    let result = work.instrument(attempt.span.clone()).await;
    attempt.record(result.as_ref().ok());
    result
}

/// The span may be exported, so it contains IDs and codes only.
fn span(claim: &Claim) -> Span {
    tracing::info_span!(
        "step",
        job.id = %claim.job.id,
        job.kind = claim.job.kind,
        request.id = claim.job.request_id.map(display),
        step = %claim.step,
        attempt = claim.attempt,
        outcome = Empty,
        "error.type" = Empty,
        otel.status_code = Empty,
    )
}

/// A running attempt.
struct Attempt<'a> {
    queue: &'a Queue,
    claim: &'a Claim,
    started: Instant,
    span: Span,
    recorded: bool,
}

impl Attempt<'_> {
    /// Records the end of the attempt. `None` means that the attempt was lost.
    fn record(&mut self, result: Option<&AttemptOutcome>) {
        self.recorded = true;
        let elapsed = self.started.elapsed();
        let (outcome, code, reason) = describe(result);
        let Claim { job, step, attempt, .. } = self.claim;
        self.queue.metrics.record_attempt(step, outcome, code, elapsed);
        self.span.record("outcome", outcome);
        let code = code.map(ErrorCode::as_str);
        self.span.record("error.type", code);
        self.span
            .record("otel.status_code", matches!(result, Some(AttemptOutcome::Failed(_))).then_some("ERROR"));
        let request_id = job.request_id.map(display);
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        match result {
            Some(AttemptOutcome::Succeeded(_) | AttemptOutcome::Released) => {
                tracing::info!(job.id = %job.id, job.kind, request.id = request_id, %step, attempt, elapsed_ms, outcome, code, reason, "attempt ended");
            }
            _ => {
                tracing::warn!(job.id = %job.id, job.kind, request.id = request_id, %step, attempt, elapsed_ms, outcome, code, reason, "attempt ended");
            }
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.recorded {
            self.record(None);
        }
    }
}

/// Returns the outcome, its error code and its reason. A failure message may name people, so the reason
/// goes to the log only.
fn describe(result: Option<&AttemptOutcome>) -> (&'static str, Option<ErrorCode>, Option<&str>) {
    match result {
        Some(AttemptOutcome::Succeeded(_)) => ("succeeded", None, None),
        Some(AttemptOutcome::Failed(failure)) => ("failed", Some(failure.code()), Some(&failure.message)),
        Some(AttemptOutcome::Released) => ("released", None, Some(RELEASE_REASON)),
        Some(AttemptOutcome::Superseded) => ("superseded", None, None),
        None => ("lost", None, None),
    }
}
