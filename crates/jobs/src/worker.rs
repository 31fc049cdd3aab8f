//! The loop that runs steps.
//!
//! A worker claims one job at a time and runs its steps in order. Each step is *probe, act, verify*:
//! look for the effect, create it if it is missing, look again. While a step runs, a heartbeat extends
//! the lease. These events end an attempt:
//!
//! | event | stored | next |
//! | --- | --- | --- |
//! | the effect exists | `succeeded` | the next step, in the same transaction |
//! | the step failed | `failed` | a retry after a delay, or the step is dead |
//! | the process shuts down | `released` | any worker continues |
//! | the lease expired, or another worker or a rollback took over | nothing | another worker or the rollback continues |
//! | the process was killed | `lost`, by the worker that takes over | that worker continues when the lease has expired |
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> idle
//!     idle --> idle: a notification, a due time or a poll, but no job
//!     idle --> running: claim
//!     running --> running: step succeeded, next step started
//!     running --> idle: step failed, was released or was superseded, or the job is finished or waits for a connector
//!     idle --> [*]: shutdown
//! ```

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    ErrorCode,
    jobs::{BreakerSignal, RetryPolicy, StepFailure},
};
use sqlx::postgres::PgListener;
use tokio::{sync::watch, time::timeout};
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    Error, Job, Queue, Resource, StepWork, Steps,
    attempt::{self, AttemptOutcome},
    queue::{Claim, FailureResult, FinishResult, PIPELINE},
};

/// How long a lease lasts without a heartbeat.
const LEASE: Duration = Duration::from_secs(30);
/// How often a worker extends its lease. If the lease is shorter than 30 s, the worker extends it after a
/// third of its duration.
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
    queue_name: &'static str,
    lease: Duration,
    retry_policy: RetryPolicy,
}

impl Worker {
    /// Creates a worker of the queue [`PIPELINE`] with a unique name, a lease of 30 s and the default retry
    /// policy.
    pub fn new(queue: Queue, steps: Arc<Steps>) -> Self {
        let name = format!("{}-{}", std::process::id(), Uuid::now_v7().simple());
        let retry_policy = RetryPolicy::default();
        Self { queue, steps, name, queue_name: PIPELINE, lease: LEASE, retry_policy }
    }

    /// Replaces the queue whose jobs the worker runs.
    #[must_use]
    pub fn with_queue(self, queue_name: &'static str) -> Self {
        Self { queue_name, ..self }
    }

    /// Replaces the default lease of 30 s.
    #[must_use]
    pub fn with_lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Replaces the default retry policy. A step may have [its own](StepWork::retry_policy).
    #[must_use]
    pub fn with_retry_policy(self, retry_policy: RetryPolicy) -> Self {
        Self { retry_policy, ..self }
    }

    /// Runs jobs until `stop` is true, then releases the current step immediately.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut listener = None;
        let mut registered: Option<Instant> = None;
        while !*stop.borrow() {
            if self.is_listed()
                && registered.is_none_or(|at| at.elapsed() > HEARTBEAT)
                && self.queue.register(&self.name).await.is_ok()
            {
                registered = Some(Instant::now());
            }
            match self.run_next_job(&mut stop).await {
                Ok(true) => {}
                Ok(false) => self.wait_for_work(&mut listener, &mut stop).await,
                Err(error) => {
                    match error.is_outage() {
                        true => tracing::debug!(worker = %self.name, ?error, "could not run a job"),
                        false => tracing::warn!(worker = %self.name, ?error, "could not run a job"),
                    }
                    listener = None;
                    pause(POLL, &mut stop).await;
                }
            }
        }
        if self.is_listed()
            && let Err(error) = self.queue.deregister(&self.name).await
        {
            tracing::debug!(?error, "could not deregister the worker");
        }
    }

    /// Whether the worker is in the list of workers that admins see: those of the pipeline.
    fn is_listed(&self) -> bool {
        self.queue_name == PIPELINE
    }

    /// Claims a job and runs its steps. Returns false if no job is due.
    async fn run_next_job(&self, stop: &mut watch::Receiver<bool>) -> Result<bool, Error> {
        if !self.queue.database.schema_is_current() {
            return Err(Error::Refused(ErrorCode::SchemaOutOfDate));
        }
        let Some(mut claim) = self.queue.claim(self.queue_name, &self.name, self.lease).await? else {
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
            AttemptOutcome::Failed(_) | AttemptOutcome::Released | AttemptOutcome::Superseded => Ok(None),
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
            // The external system was not called.
            return self.fail(claim, failure, self.retry_policy, BreakerSignal::Inconclusive).await;
        };
        self.queue.announce_start(claim);
        let result = tokio::select! {
            // After a pause of the process, checks the lease before the step continues.
            biased;
            () = self.extend_lease_until_superseded(claim) => return Ok(AttemptOutcome::Superseded),
            result = self.perform(work.as_ref(), claim) => result,
            () = shutdown_requested(stop) => return self.release(claim).await,
        };
        match result {
            Ok(Some(reference)) => {
                let resource = work.resource(&claim.job, &reference);
                self.finish(claim, &reference, resource.as_ref()).await
            }
            Ok(None) => Ok(AttemptOutcome::Superseded),
            Err(failure) => {
                let signal = failure.breaker_signal();
                let retry_policy = work.retry_policy().unwrap_or(self.retry_policy);
                self.fail(claim, failure, retry_policy, signal).await
            }
        }
    }

    /// Probes, acts and verifies. Returns the external reference. If this worker no longer holds the step,
    /// returns `None` without acting, because the job may already be finished or rolled back.
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

    async fn finish(
        &self,
        claim: &Claim,
        reference: &str,
        resource: Option<&Resource>,
    ) -> Result<AttemptOutcome, Error> {
        Ok(match self.queue.finish(claim, (reference, resource), &self.name, self.lease).await? {
            FinishResult::Next(next) => AttemptOutcome::Succeeded(Some(next)),
            FinishResult::Done => AttemptOutcome::Succeeded(None),
            FinishResult::Superseded => AttemptOutcome::Superseded,
        })
    }

    async fn fail(
        &self,
        claim: &Claim,
        failure: StepFailure,
        retry_policy: RetryPolicy,
        signal: BreakerSignal,
    ) -> Result<AttemptOutcome, Error> {
        let failures = claim.failures_including_this();
        let retry_after = retry_policy.delay(failure.kind, failures, rand::random());
        let FailureResult { is_current, breaker_opened } =
            self.queue.fail(claim, &failure, retry_after, signal).await?;
        if breaker_opened {
            let code = ErrorCode::CircuitOpen.as_str();
            tracing::warn!(
                connector = claim.connector,
                code,
                reason = failure.message,
                "a circuit breaker opened"
            );
        }
        Ok(if is_current { AttemptOutcome::Failed(failure) } else { AttemptOutcome::Superseded })
    }

    async fn release(&self, claim: &Claim) -> Result<AttemptOutcome, Error> {
        let is_current = self.queue.release(claim, attempt::RELEASE_REASON).await?;
        Ok(if is_current { AttemptOutcome::Released } else { AttemptOutcome::Superseded })
    }

    /// Extends the lease with every heartbeat. Returns when this worker no longer holds the step: another
    /// worker or a rollback took over, or the lease expired because it could not be extended.
    async fn extend_lease_until_superseded(&self, claim: &Claim) {
        let mut extended = Instant::now();
        let remaining = |extended: Instant| self.lease.saturating_sub(extended.elapsed());
        loop {
            tokio::time::sleep(HEARTBEAT.min(self.lease / 3).min(remaining(extended))).await;
            let start = Instant::now();
            let extension = self.queue.extend_lease(claim, &self.name, self.lease);
            match timeout(remaining(extended), extension).await {
                Ok(Ok(true)) => extended = start,
                Ok(Err(error)) => tracing::warn!(?error, "could not extend the lease"),
                Ok(Ok(false)) | Err(_) => return,
            }
        }
    }

    /// Waits for a new job, a notification of another process, the next due time, the poll interval or a
    /// shutdown.
    async fn wait_for_work(&self, listener: &mut Option<PgListener>, stop: &mut watch::Receiver<bool>) {
        if listener.is_none() {
            *listener = self.queue.database.listen(CHANNEL).await.ok();
        }
        let due = self.queue.next_due(self.queue_name).await.ok().flatten();
        let wait = due.map_or(POLL, |due| due.min(POLL)).max(Duration::from_millis(5));
        let notification = async {
            match listener.as_mut() {
                Some(listener) => listener.recv().await.is_ok(),
                None => std::future::pending().await,
            }
        };
        let connection_lost = tokio::select! {
            received = notification => !received,
            () = self.queue.notifier.notified(self.queue_name) => false,
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

/// Removes what a dead step left behind, within the step's time limit.
pub(crate) async fn discard(work: &dyn StepWork, job: &Job) -> Result<(), StepFailure> {
    with_timeout(work.timeout(), "the cleanup", work.discard(job)).await
}

/// Removes the effect of a step, within the step's time limit.
pub(crate) async fn compensate(work: &dyn StepWork, job: &Job) -> Result<(), StepFailure> {
    with_timeout(work.timeout(), "the compensation", work.compensate(job)).await
}
