//! The end of an attempt, whatever way it ends, in one place: a line in the log, a measurement, and
//! the end of its span.

use std::{future::Future, time::Instant};

use domain::{ErrorCode, pipeline::StepFailure};
use tracing::{Instrument, Span, field::Empty};

use super::queue::Claim;
use crate::{Engine, Error};

/// How an attempt ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// With the next step of the job, begun, where there is one.
    Succeeded(Option<Box<Claim>>),
    Failed(StepFailure),
    /// Given back undone, which uses up no try: the worker stops, or the connector is left alone.
    HandedBack(HandedBack),
    /// The step is another worker's by now; nothing was written.
    Overtaken,
}

/// Why a step is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HandedBack {
    Stopping,
    CircuitOpen,
}

impl HandedBack {
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
    work: impl Future<Output = Result<Ended, Error>>,
) -> Result<Ended, Error> {
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
    fn note(&mut self, ended: Option<&Ended>) {
        self.noted = true;
        let took = self.begun.elapsed();
        let (outcome, code, why) = told(ended);
        self.engine.instruments.step_ended(self.claim.step, outcome, code, took);
        self.span.record("outcome", outcome);
        let code = code.map(ErrorCode::as_str);
        self.span.record("error.type", code);
        self.span.record("otel.status_code", matches!(ended, Some(Ended::Failed(_))).then_some("ERROR"));
        let Claim { job, step, attempt, .. } = self.claim;
        let elapsed_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        match ended {
            Some(Ended::Succeeded(_) | Ended::HandedBack(_)) => {
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
fn told(ended: Option<&Ended>) -> (&'static str, Option<ErrorCode>, Option<&str>) {
    match ended {
        Some(Ended::Succeeded(_)) => ("succeeded", None, None),
        Some(Ended::Failed(failure)) => ("failed", Some(failure.code()), Some(&failure.message)),
        Some(Ended::HandedBack(why)) => {
            let code = (*why == HandedBack::CircuitOpen).then_some(ErrorCode::CircuitOpen);
            ("handed_back", code, Some(why.as_str()))
        }
        Some(Ended::Overtaken) => ("overtaken", None, None),
        None => ("lost", None, None),
    }
}
