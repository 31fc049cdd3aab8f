//! The end of an attempt, whatever way it ends, in one place: a line in the log, a measurement, and
//! the end of its span.

use std::{future::Future, time::Instant};

use domain::{ErrorCode, jobs::StepFailure};
use tracing::{Instrument, Span, field::Empty};

use super::queue::Claim;
use crate::{Engine, Error};

/// How an attempt ended.
#[derive(Debug)]
pub(super) enum AttemptOutcome {
    /// With the next step of the job, begun, where there is one.
    Succeeded(Option<Box<Claim>>),
    Failed(StepFailure),
    /// Given back undone, which uses up no try: the worker stops, or the connector is left alone.
    ReleaseReason(ReleaseReason),
    /// The step is another worker's by now; nothing was written.
    Superseded,
}

/// Why a step is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReleaseReason {
    Stopping,
    CircuitOpen,
}

impl ReleaseReason {
    /// For the record.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Stopping => "the worker stops",
            Self::CircuitOpen => "the connector is left alone for a while",
        }
    }
}

/// Does the work of an attempt within a span of its own, and notes its end once. Also where that
/// could not be written, or the work broke down or is cut off: the step is lost then, and another
/// worker's when the lease ends.
///
/// # Errors
/// Those of the work.
pub(super) async fn noted(
    engine: &Engine,
    claim: &Claim,
    work: impl Future<Output = Result<AttemptOutcome, Error>>,
) -> Result<AttemptOutcome, Error> {
    let mut attempt = Attempt { engine, claim, begun: Instant::now(), span: span(claim), noted: false };
    let ended = work.instrument(attempt.span.clone()).await;
    attempt.note(ended.as_ref().ok());
    ended
}

/// The span may leave the house: ids and codes, but nothing of the tenant.
fn span(claim: &Claim) -> Span {
    tracing::info_span!(
        "step",
        job.id = %claim.job.id,
        request.id = %claim.job.request_id,
        step = %claim.step,
        attempt = claim.attempt,
        outcome = Empty,
        "error.type" = Empty,
        otel.status_code = Empty,
    )
}

/// An attempt under way.
struct Attempt<'a> {
    engine: &'a Engine,
    claim: &'a Claim,
    begun: Instant,
    span: Span,
    noted: bool,
}

impl Attempt<'_> {
    fn note(&mut self, ended: Option<&AttemptOutcome>) {
        self.noted = true;
        let took = self.begun.elapsed();
        let (outcome, code, why) = told(ended);
        self.engine.instruments.step_ended(self.claim.step, outcome, code, took);
        self.span.record("outcome", outcome);
        let code = code.map(ErrorCode::as_str);
        self.span.record("error.type", code);
        self.span
            .record("otel.status_code", matches!(ended, Some(AttemptOutcome::Failed(_))).then_some("ERROR"));
        let Claim { job, step, attempt, .. } = self.claim;
        let elapsed_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        match ended {
            Some(AttemptOutcome::Succeeded(_) | AttemptOutcome::ReleaseReason(_)) => {
                tracing::info!(job.id = %job.id, request.id = %job.request_id, %step, attempt, elapsed_ms, outcome, code, why, "an attempt ended");
            }
            _ => {
                tracing::warn!(job.id = %job.id, request.id = %job.request_id, %step, attempt, elapsed_ms, outcome, code, why, "an attempt ended");
            }
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.noted {
            self.note(None);
        }
    }
}

/// An end's word, code and cause. The words of a failure may name people: they are for the log.
fn told(ended: Option<&AttemptOutcome>) -> (&'static str, Option<ErrorCode>, Option<&str>) {
    match ended {
        Some(AttemptOutcome::Succeeded(_)) => ("succeeded", None, None),
        Some(AttemptOutcome::Failed(failure)) => ("failed", Some(failure.code()), Some(&failure.message)),
        Some(AttemptOutcome::ReleaseReason(why)) => {
            let code = (*why == ReleaseReason::CircuitOpen).then_some(ErrorCode::CircuitOpen);
            ("released", code, Some(why.as_str()))
        }
        Some(AttemptOutcome::Superseded) => ("overtaken", None, None),
        None => ("lost", None, None),
    }
}
