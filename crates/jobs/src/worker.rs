//! The loop that runs steps.
//!
//! A worker claims one job at a time and runs its steps in order. Each step is *probe, act, verify*:
//! look for the effect, create it if it is missing, look again. While a step runs, a heartbeat extends
//! the lease. These events end an attempt:
//!
//! | event | stored | next |
//! | --- | --- | --- |
//! | the effect exists | `succeeded` | the next step, in the same transaction |
//! | the step failed | `failed` | a retry after a delay, or a dead letter |
//! | the circuit breaker is open | `released` | any worker continues; the attempt does not count |
//! | the process shuts down | `released` | any worker continues; the attempt does not count |
//! | the lease expired and another worker took over | nothing | the other worker continues |
//! | the process was killed | nothing | another worker takes over when the lease expires |
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> idle
//!     idle --> idle: a notification, a due time or a poll, but no job
//!     idle --> running: claim
//!     running --> running: step succeeded, next step started
//!     running --> idle: step failed, was released or was superseded, or the job is finished
//!     idle --> [*]: shutdown
//! ```

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    ErrorCode,
    jobs::{StepFailure, retry_delay},
};
use sqlx::postgres::PgListener;
use tokio::{sync::watch, time::timeout};
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    Error, Job, Queue, StepWork, Steps,
    attempt::{self, AttemptOutcome, ReleaseReason},
    queue::{Claim, FinishResult},
};

/// How long a lease lasts without a heartbeat.
const LEASE: Duration = Duration::from_secs(30);
/// How often a worker extends its lease. A worker extends a lease shorter than 30 s after every third of the
/// lease.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How often the worker polls for jobs whose notification it missed.
const POLL: Duration = Duration::from_secs(2);
/// The notification channel for jobs that became due.
const CHANNEL: &str = "tenantry_jobs";

/// Runs the steps of jobs, one job at a time. Any number of workers may run in any number of processes.
#[derive(Debug)]
pub struct Worker {
    queue: Queue,
    steps: Arc<Steps>,
    name: String,
    lease: Duration,
}

impl Worker {
    /// Creates a worker with a unique name and a lease of 30 s.
    pub fn new(queue: Queue, steps: Arc<Steps>) -> Self {
        let name = format!("{}-{}", std::process::id(), Uuid::now_v7().simple());
        Self { queue, steps, name, lease: LEASE }
    }

    /// Replaces the default lease of 30 s.
    #[must_use]
    pub fn with_lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Runs jobs until `stop` is true, then releases the current step immediately.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut listener = None;
        let mut registered: Option<Instant> = None;
        while !*stop.borrow() {
            if registered.is_none_or(|at| at.elapsed() > HEARTBEAT)
                && self.queue.register(&self.name).await.is_ok()
            {
                registered = Some(Instant::now());
            }
            match self.run_next_job(&mut stop).await {
                Ok(true) => {}
                Ok(false) => self.wait_for_work(&mut listener, &mut stop).await,
                Err(error) => {
                    tracing::warn!(worker = %self.name, ?error, "could not run a job");
                    listener = None;
                    pause(POLL, &mut stop).await;
                }
            }
        }
        if let Err(error) = self.queue.deregister(&self.name).await {
            tracing::debug!(?error, "could not deregister the worker");
        }
    }

    /// Claims a job and runs its steps. Returns false if no job is due.
    async fn run_next_job(&self, stop: &mut watch::Receiver<bool>) -> Result<bool, Error> {
        if !self.queue.database.schema_is_current() {
            return Err(Error::Refused(ErrorCode::SchemaOutOfDate));
        }
        let Some(mut claim) = self.queue.claim(&self.name, self.lease).await? else {
            return Ok(false);
        };
        let span = tracing::debug_span!(
            "job",
            job.id = %claim.job.id,
            job.kind = claim.job.kind,
            request.id = claim.job.request_id.map(tracing::field::display),
        );
        let steps = async {
            while let Some(next) = self.run_step(claim, stop).await? {
                claim = next;
            }
            Ok(true)
        };
        steps.instrument(span).await
    }

    /// Runs one step. If the step succeeded, returns the next step.
    async fn run_step(&self, claim: Claim, stop: &mut watch::Receiver<bool>) -> Result<Option<Claim>, Error> {
        match attempt::instrumented(&self.queue, &claim, self.attempt(&claim, stop)).await? {
            AttemptOutcome::Succeeded(next) => Ok(next.map(|next| *next)),
            AttemptOutcome::Failed(_) | AttemptOutcome::Released(_) | AttemptOutcome::Superseded => Ok(None),
        }
    }

    /// Runs one attempt and stores its outcome.
    async fn attempt(
        &self,
        claim: &Claim,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<AttemptOutcome, Error> {
        let Some(work) = self.steps.get(&claim.step) else {
            let failure =
                StepFailure::permanent(format!("{} is not configured on this worker", claim.connector));
            return self.fail(claim, failure).await;
        };
        if let Some(wait) = self.queue.announce_start(claim, work.timeout()).await? {
            return self.release(claim, wait, ReleaseReason::CircuitOpen).await;
        }
        let result = tokio::select! {
            result = self.perform(work.as_ref(), claim) => result,
            () = self.extend_lease_until_superseded(claim) => return Ok(AttemptOutcome::Superseded),
            () = shutdown_requested(stop) => {
                return self.release(claim, Duration::ZERO, ReleaseReason::Shutdown).await;
            }
        };
        match result {
            Ok(Some(reference)) => self.finish(claim, &reference).await,
            Ok(None) => Ok(AttemptOutcome::Superseded),
            Err(failure) => self.fail(claim, failure).await,
        }
    }

    /// Probes, acts and verifies. Returns the external reference. If another worker holds the step, returns
    /// `None` without acting, because the job may already be finished or rolled back.
    async fn perform(&self, work: &dyn StepWork, claim: &Claim) -> Result<Option<String>, StepFailure> {
        let (limit, job) = (work.timeout(), &claim.job);
        if let Some(reference) = with_timeout(limit, "the probe", work.probe(job)).await? {
            return Ok(Some(reference));
        }
        let is_current = self.queue.extend_lease(claim, &self.name, self.lease).await;
        if !is_current.map_err(|_| StepFailure::transient("could not extend the lease"))? {
            return Ok(None);
        }
        with_timeout(limit, "the action", work.act(job)).await?;
        let reference = with_timeout(limit, "the verification", work.probe(job)).await?;
        reference.map(Some).ok_or_else(|| StepFailure::transient("the effect is missing after acting"))
    }

    async fn finish(&self, claim: &Claim, reference: &str) -> Result<AttemptOutcome, Error> {
        Ok(match self.queue.finish(claim, reference, &self.name, self.lease).await? {
            FinishResult::Next(next) => AttemptOutcome::Succeeded(Some(next)),
            FinishResult::Done => AttemptOutcome::Succeeded(None),
            FinishResult::Superseded => AttemptOutcome::Superseded,
        })
    }

    async fn fail(&self, claim: &Claim, failure: StepFailure) -> Result<AttemptOutcome, Error> {
        let retry_after = retry_delay(failure.kind, claim.counted_attempts, rand::random());
        let is_current = self.queue.fail(claim, &failure, retry_after).await?;
        Ok(if is_current { AttemptOutcome::Failed(failure) } else { AttemptOutcome::Superseded })
    }

    async fn release(
        &self,
        claim: &Claim,
        wait: Duration,
        reason: ReleaseReason,
    ) -> Result<AttemptOutcome, Error> {
        let is_current = self.queue.release(claim, wait, reason.as_str()).await?;
        Ok(if is_current { AttemptOutcome::Released(reason) } else { AttemptOutcome::Superseded })
    }

    /// Extends the lease with every heartbeat. Returns when another worker holds the step.
    async fn extend_lease_until_superseded(&self, claim: &Claim) {
        loop {
            tokio::time::sleep(HEARTBEAT.min(self.lease / 3)).await;
            match self.queue.extend_lease(claim, &self.name, self.lease).await {
                Ok(true) => {}
                Ok(false) => return,
                // If the lease expires meanwhile, the database refuses the final write.
                Err(error) => tracing::warn!(?error, "could not extend the lease"),
            }
        }
    }

    /// Waits for a notification, the next due time, the poll interval or a shutdown.
    async fn wait_for_work(&self, listener: &mut Option<PgListener>, stop: &mut watch::Receiver<bool>) {
        if listener.is_none() {
            *listener = self.queue.database.listen(CHANNEL).await.ok();
        }
        let due = self.queue.next_due().await.ok().flatten();
        let wait = due.map_or(POLL, |due| due.min(POLL)).max(Duration::from_millis(5));
        let notification = async {
            match listener.as_mut() {
                Some(listener) => listener.recv().await.is_ok(),
                None => std::future::pending().await,
            }
        };
        let connection_lost = tokio::select! {
            received = notification => !received,
            () = pause(wait, stop) => false,
        };
        if connection_lost {
            *listener = None;
        }
    }
}

async fn shutdown_requested(stop: &mut watch::Receiver<bool>) {
    // A dropped sender also requests a shutdown.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn pause(wait: Duration, stop: &mut watch::Receiver<bool>) {
    let _ = timeout(wait, shutdown_requested(stop)).await;
}

async fn with_timeout<T>(
    limit: Duration,
    call: &str,
    work: impl Future<Output = Result<T, StepFailure>>,
) -> Result<T, StepFailure> {
    match timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(StepFailure::timed_out(format!("{call} took longer than {} s", limit.as_secs()))),
    }
}

/// Removes the effect of a step, within the step's time limit.
pub(crate) async fn compensate(work: &dyn StepWork, job: &Job) -> Result<(), StepFailure> {
    with_timeout(work.timeout(), "the compensation", work.compensate(job)).await
}
