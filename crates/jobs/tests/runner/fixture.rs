//! Jobs that greet a person: `SAY_HELLO`, then `SAY_GOODBYE`.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use database::Database;
use domain::jobs::{StepFailure, StepName};
use jobs::{Job, Queue, StepWork, Steps};
use test_support::{running_worker::RunningWorker, test_database::TestDatabase, wait::wait_for_value};
use tokio::sync::broadcast;
use uuid::Uuid;

pub(crate) const HELLO: &str = "SAY_HELLO";
pub(crate) const GOODBYE: &str = "SAY_GOODBYE";

/// A fault in the next call of a step.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The step fails without an effect.
    Fail(StepFailure),
    /// The step has its effect and never returns.
    HangAfterActing,
}

/// An external system that stores greetings.
#[derive(Debug, Default)]
pub(crate) struct Greeter {
    /// The effects that exist: job, step and greeted name, in the order of their creation.
    effects: Mutex<Vec<(Uuid, StepName, String)>>,
    /// Every effect that was removed, in order.
    removed: Mutex<Vec<StepName>>,
    faults: Mutex<HashMap<StepName, VecDeque<Fault>>>,
    compensation_faults: Mutex<HashMap<StepName, VecDeque<StepFailure>>>,
    /// Every step that was discarded, in order.
    discarded: Mutex<Vec<StepName>>,
    discard_faults: Mutex<VecDeque<StepFailure>>,
}

impl Greeter {
    pub(crate) fn inject(&self, step: &'static str, fault: Fault) {
        self.faults.lock().unwrap().entry(step.into()).or_default().push_back(fault);
    }

    pub(crate) fn inject_on_compensation(&self, step: &'static str, failure: StepFailure) {
        self.compensation_faults.lock().unwrap().entry(step.into()).or_default().push_back(failure);
    }

    pub(crate) fn inject_on_discard(&self, failure: StepFailure) {
        self.discard_faults.lock().unwrap().push_back(failure);
    }

    /// The steps that were discarded, in order.
    pub(crate) fn discarded(&self) -> Vec<String> {
        self.discarded.lock().unwrap().iter().map(ToString::to_string).collect()
    }

    /// The existing effects, as `step name`.
    pub(crate) fn effects(&self) -> Vec<String> {
        self.effects.lock().unwrap().iter().map(|(_, step, name)| format!("{step} {name}")).collect()
    }

    /// The steps whose effects were removed, in order.
    pub(crate) fn removed(&self) -> Vec<String> {
        self.removed.lock().unwrap().iter().map(ToString::to_string).collect()
    }
}

/// A step of the greeter. It reads the name from the context of the job.
#[derive(Debug)]
struct Greet {
    greeter: Arc<Greeter>,
    step: StepName,
}

#[async_trait]
impl StepWork for Greet {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        let effects = self.greeter.effects.lock().unwrap();
        let exists = effects.iter().any(|(id, step, _)| *id == job.id && *step == self.step);
        Ok(exists.then(|| format!("{} of {}", self.step, job.id)))
    }

    async fn act(&self, job: &Job) -> Result<(), StepFailure> {
        let fault = self.greeter.faults.lock().unwrap().get_mut(&self.step).and_then(VecDeque::pop_front);
        if let Some(Fault::Fail(failure)) = fault {
            return Err(failure);
        }
        let name = job.context["name"].as_str().expect("the name in the context").to_owned();
        self.greeter.effects.lock().unwrap().push((job.id, self.step.clone(), name));
        if let Some(Fault::HangAfterActing) = fault {
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    async fn compensate(&self, job: &Job) -> Result<(), StepFailure> {
        let mut faults = self.greeter.compensation_faults.lock().unwrap();
        if let Some(failure) = faults.get_mut(&self.step).and_then(VecDeque::pop_front) {
            return Err(failure);
        }
        self.greeter.effects.lock().unwrap().retain(|(id, step, _)| *id != job.id || *step != self.step);
        self.greeter.removed.lock().unwrap().push(self.step.clone());
        Ok(())
    }

    async fn discard(&self, _job: &Job) -> Result<(), StepFailure> {
        if let Some(failure) = self.greeter.discard_faults.lock().unwrap().pop_front() {
            return Err(failure);
        }
        self.greeter.discarded.lock().unwrap().push(self.step.clone());
        Ok(())
    }
}

/// A database, a greeter and a queue.
pub(crate) struct Fixture {
    pub db: TestDatabase,
    pub queue: Queue,
    pub greeter: Arc<Greeter>,
    pub steps: Arc<Steps>,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let db = TestDatabase::new().await;
        let database = Arc::new(Database::new(db.options(), 4));
        database.set_schema_is_current(true);
        let queue = Queue::new(database, broadcast::channel(16).0);
        let greeter = Arc::<Greeter>::default();
        let greet = |step: &'static str| Greet { greeter: greeter.clone(), step: step.into() };
        let steps = Steps::default().with(HELLO, greet(HELLO)).with(GOODBYE, greet(GOODBYE));
        Self { db, queue, greeter, steps: Arc::new(steps) }
    }

    /// Inserts a job that greets `name`, without a request and without a tenant.
    pub(crate) async fn enqueue(&self, name: &str) -> Uuid {
        self.enqueue_steps(name, &[HELLO, GOODBYE]).await
    }

    pub(crate) async fn enqueue_steps(&self, name: &str, steps: &[&str]) -> Uuid {
        let step =
            |step: &&str| format!(r#"{{"name": "{step}", "connector": "greeter", "state": "pending"}}"#);
        let steps = steps.iter().map(step).collect::<Vec<_>>().join(", ");
        let id = self
            .db
            .text(&format!(
                r#"SELECT enqueue_job('greeting', NULL, NULL, false, '{{"name": "{name}"}}', '[{steps}]', now())::text"#
            ))
            .await;
        id.parse().unwrap()
    }

    /// Inserts a job and runs it until this step is dead.
    pub(crate) async fn job_with_dead_step(&self, step: &'static str) -> Uuid {
        self.greeter.inject(step, Fault::Fail(StepFailure::permanent("nobody has this name")));
        let job = self.enqueue("Ann").await;
        self.run_until(job, "dead").await;
        job
    }

    /// Starts a worker with a lease of 30 s.
    pub(crate) fn worker(&self) -> RunningWorker {
        self.worker_with_lease(Duration::from_secs(30))
    }

    pub(crate) fn worker_with_lease(&self, lease: Duration) -> RunningWorker {
        RunningWorker::start(self.queue.clone(), self.steps.clone(), lease)
    }

    /// Runs a worker until the job has this state. Retries are due immediately.
    pub(crate) async fn run_until(&self, job: Uuid, state: &str) {
        let worker = self.worker();
        self.wait_for(job, state).await;
        worker.stop().await;
    }

    /// Waits until the job has this state. Retries are due immediately.
    pub(crate) async fn wait_for(&self, job: Uuid, state: &str) {
        wait_for_value(&format!("the job to be {state}"), async || {
            self.db.run("UPDATE jobs SET due_at = now() WHERE state = 'retrying'").await;
            (self.state(job).await == state).then_some(())
        })
        .await;
    }

    pub(crate) async fn state(&self, job: Uuid) -> String {
        self.db.text(&format!("SELECT state FROM jobs WHERE id = '{job}'")).await
    }

    /// The states of the steps, in order.
    pub(crate) async fn step_states(&self, job: Uuid) -> String {
        let sql =
            format!("SELECT string_agg(state, ' ' ORDER BY position) FROM job_steps WHERE job_id = '{job}'");
        self.db.text(&sql).await
    }

    /// The outcomes of all attempts, in order.
    pub(crate) async fn outcomes(&self, job: Uuid) -> String {
        let sql = format!(
            "SELECT string_agg(coalesce(outcome, 'running'), ' ' ORDER BY position, number)
             FROM step_attempts WHERE job_id = '{job}'"
        );
        self.db.text(&sql).await
    }
}
