use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::jobs::{StepFailure, retry_delay};
use sqlx::postgres::PgListener;
use tokio::{sync::watch, time::timeout};
use tracing::Instrument;
use uuid::Uuid;

use super::{
    Job, StepWork, Steps,
    attempt::{self, AttemptOutcome, ReleaseReason},
    queue::{self, Claim, Finished},
};
use crate::{Engine, Error};

/// How long a step belongs to a worker that says nothing (SPEC section 6).
const LEASE: Duration = Duration::from_secs(30);
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How often it looks for work that nobody told it of.
const POLL: Duration = Duration::from_secs(2);
/// The channel on which new work is told.
const CHANNEL: &str = "tenantry_jobs";

/// Takes the steps of jobs, one job at a time. Any number of workers may run, in any number of
/// processes.
#[derive(Debug)]
pub struct Worker {
    engine: Engine,
    steps: Arc<Steps>,
    name: String,
    lease: Duration,
}

impl Worker {
    /// A worker under a name of its own, such as `host-4711-…`.
    pub fn new(engine: Engine, steps: Arc<Steps>) -> Self {
        let name = format!("{}-{}", std::process::id(), Uuid::now_v7().simple());
        Self { engine, steps, name, lease: LEASE }
    }

    /// The same with another lease than 30 s.
    #[must_use]
    pub fn with_lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Works until `stop` says true; then gives back at once what it has in hand.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut listener = None;
        let mut enrolled: Option<Instant> = None;
        while !*stop.borrow() {
            if enrolled.is_none_or(|at| at.elapsed() > HEARTBEAT)
                && queue::register(&self.engine, &self.name).await.is_ok()
            {
                enrolled = Some(Instant::now());
            }
            match self.run_next_job(&mut stop).await {
                Ok(true) => {}
                Ok(false) => self.wait_for_work(&mut listener, &mut stop).await,
                Err(error) => {
                    tracing::warn!(worker = %self.name, ?error, "the worker could not do its turn");
                    listener = None;
                    pause(POLL, &mut stop).await;
                }
            }
        }
        if let Err(error) = queue::leave(&self.engine, &self.name).await {
            tracing::debug!(?error, "the worker could not sign off");
        }
    }

    /// Claims a job and takes its steps; false when there is nothing to do.
    async fn run_next_job(&self, stop: &mut watch::Receiver<bool>) -> Result<bool, Error> {
        self.engine.require_schema()?;
        let Some(mut claim) = queue::claim(&self.engine, &self.name, self.lease).await? else {
            return Ok(false);
        };
        let turn = tracing::debug_span!("job", job.id = %claim.job.id, request.id = %claim.job.request_id);
        let steps = async {
            while let Some(next) = self.take_step(claim, stop).await? {
                claim = next;
            }
            Ok(true)
        };
        steps.instrument(turn).await
    }

    /// Takes one step to its end; the next one when it ended well.
    async fn take_step(
        &self,
        claim: Claim,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<Option<Claim>, Error> {
        match attempt::noted(&self.engine, &claim, self.attempt(&claim, stop)).await? {
            AttemptOutcome::Succeeded(next) => Ok(next.map(|next| *next)),
            AttemptOutcome::Failed(_) | AttemptOutcome::ReleaseReason(_) | AttemptOutcome::Superseded => {
                Ok(None)
            }
        }
    }

    /// Takes one step, and writes how that ended.
    async fn attempt(
        &self,
        claim: &Claim,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<AttemptOutcome, Error> {
        let Some(work) = self.steps.get(claim.step) else {
            let failure =
                StepFailure::permanent(format!("{} is not configured here", claim.step.connector().label()));
            return self.fail(claim, failure).await;
        };
        if let Some(wait) = queue::announce_start(&self.engine, claim, work.timeout()).await? {
            return self.release(claim, wait, ReleaseReason::CircuitOpen).await;
        }
        let result = tokio::select! {
            result = self.perform(work.as_ref(), claim) => result,
            () = self.keep_lease(claim) => return Ok(AttemptOutcome::Superseded),
            () = told(stop) => return self.release(claim, Duration::ZERO, ReleaseReason::Stopping).await,
        };
        match result {
            Ok(Some(reference)) => self.finish(claim, &reference).await,
            Ok(None) => Ok(AttemptOutcome::Superseded),
            Err(failure) => self.fail(claim, failure).await,
        }
    }

    /// Probe, act, verify. None, without acting, when the step is another worker's by then: its job may be
    /// done, or undone.
    async fn perform(&self, work: &dyn StepWork, claim: &Claim) -> Result<Option<String>, StepFailure> {
        let (limit, job) = (work.timeout(), &claim.job);
        if let Some(reference) = within(limit, "looking", work.probe(job)).await? {
            return Ok(Some(reference));
        }
        let mine = queue::keep(&self.engine, claim, &self.name, self.lease).await;
        if !mine.map_err(|_| StepFailure::transient("the lease could not be kept"))? {
            return Ok(None);
        }
        within(limit, "acting", work.act(job)).await?;
        let found = within(limit, "verifying", work.probe(job)).await?;
        found.map(Some).ok_or_else(|| StepFailure::transient("the effect is not there after acting"))
    }

    async fn finish(&self, claim: &Claim, reference: &str) -> Result<AttemptOutcome, Error> {
        Ok(match queue::finish(&self.engine, claim, reference, &self.name, self.lease).await? {
            Finished::Next(next) => AttemptOutcome::Succeeded(Some(next)),
            Finished::Done => AttemptOutcome::Succeeded(None),
            Finished::Superseded => AttemptOutcome::Superseded,
        })
    }

    async fn fail(&self, claim: &Claim, failure: StepFailure) -> Result<AttemptOutcome, Error> {
        let again = retry_delay(failure.kind, claim.tries, rand::random());
        let mine = queue::fail(&self.engine, claim, &failure, again).await?;
        Ok(if mine { AttemptOutcome::Failed(failure) } else { AttemptOutcome::Superseded })
    }

    async fn release(
        &self,
        claim: &Claim,
        wait: Duration,
        why: ReleaseReason,
    ) -> Result<AttemptOutcome, Error> {
        let mine = queue::release(&self.engine, claim, wait, why.as_str()).await?;
        Ok(if mine { AttemptOutcome::ReleaseReason(why) } else { AttemptOutcome::Superseded })
    }

    /// Says that the step is still worked on; ends when it is another's.
    async fn keep_lease(&self, claim: &Claim) {
        loop {
            tokio::time::sleep(HEARTBEAT.min(self.lease / 3)).await;
            match queue::keep(&self.engine, claim, &self.name, self.lease).await {
                Ok(true) => {}
                Ok(false) => return,
                // The lease may end meanwhile; then the write at the end is refused.
                Err(error) => tracing::warn!(?error, "the lease could not be kept"),
            }
        }
    }

    /// Until new work is told, some is due, or it is time to look by oneself.
    async fn wait_for_work(&self, listener: &mut Option<PgListener>, stop: &mut watch::Receiver<bool>) {
        if listener.is_none() {
            *listener = self.engine.listen(CHANNEL).await.ok();
        }
        let due = queue::next_due(&self.engine).await.ok().flatten();
        let wait = due.map_or(POLL, |due| due.min(POLL)).max(Duration::from_millis(5));
        let heard = async {
            match listener.as_mut() {
                Some(listener) => listener.recv().await.is_ok(),
                None => std::future::pending().await,
            }
        };
        let lost = tokio::select! {
            heard = heard => !heard,
            () = pause(wait, stop) => false,
        };
        if lost {
            *listener = None;
        }
    }
}

/// Until it is told to stop.
async fn told(stop: &mut watch::Receiver<bool>) {
    // Whoever could tell is gone: that is telling too.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn pause(wait: Duration, stop: &mut watch::Receiver<bool>) {
    let _ = timeout(wait, told(stop)).await;
}

async fn within<T>(
    limit: Duration,
    doing: &str,
    work: impl Future<Output = Result<T, StepFailure>>,
) -> Result<T, StepFailure> {
    match timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(StepFailure::timed_out(format!("{doing} took longer than {} s", limit.as_secs()))),
    }
}

/// Undoes a step's effect, with its own limit.
pub(super) async fn undo(work: &dyn StepWork, job: &Job) -> Result<(), StepFailure> {
    within(work.timeout(), "undoing", work.compensate(job)).await
}
