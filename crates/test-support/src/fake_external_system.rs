//! An external system in memory. Its steps count their effects and fail on demand.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use connectors::{
    TenantJob, TenantStep, TenantStepAdapter,
    steps::{Finalize, with_access_step},
};
use domain::{TenantStatus, jobs::StepFailure, pipeline::Step};
use jobs::Steps;
use uuid::Uuid;

use crate::wait::wait_for;

/// The fault of a call to the system.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The call fails without an effect.
    Fail(StepFailure),
    /// The call has its effect, and its response is lost.
    LoseResponse,
    /// The call has no effect and never returns.
    Hang,
    /// The call has its effect and never returns.
    HangAfterActing,
}

/// An external system in memory, which all steps of a test share.
#[derive(Debug, Default)]
pub struct FakeExternalSystem {
    /// How many times each existing effect was created, by request and step.
    effects: Mutex<HashMap<(Uuid, Step), u32>>,
    /// How many times each step has acted.
    acts: Mutex<HashMap<Step, u32>>,
    act_faults: Mutex<HashMap<Step, VecDeque<Fault>>>,
    compensation_faults: Mutex<HashMap<Step, VecDeque<Fault>>>,
    /// The status of the tenant that lifecycle jobs set last, by request and step.
    statuses: Mutex<HashMap<(Uuid, Step), TenantStatus>>,
    /// How many times lifecycle jobs have changed the effect of each step.
    status_changes: Mutex<HashMap<Step, u32>>,
    status_faults: Mutex<HashMap<Step, VecDeque<Fault>>>,
}

impl FakeExternalSystem {
    /// Injects faults into the next calls of a step, one for each call. Later calls succeed.
    pub fn inject(&self, step: Step, faults: impl IntoIterator<Item = Fault>) {
        self.act_faults.lock().unwrap().entry(step).or_default().extend(faults);
    }

    /// Injects faults into the next compensations of a step. Only `Fail` and `Hang` affect a compensation.
    pub fn inject_on_compensation(&self, step: Step, faults: impl IntoIterator<Item = Fault>) {
        self.compensation_faults.lock().unwrap().entry(step).or_default().extend(faults);
    }

    /// Injects faults into the next calls with which lifecycle jobs change the effect of a step.
    pub fn inject_on_status_change(&self, step: Step, faults: impl IntoIterator<Item = Fault>) {
        self.status_faults.lock().unwrap().entry(step).or_default().extend(faults);
    }

    /// The statuses that lifecycle jobs have set for the effects of a request, in the order of the steps.
    pub fn statuses(&self, request: Uuid) -> Vec<TenantStatus> {
        let statuses = self.statuses.lock().unwrap();
        Step::WITH_ACCESS.iter().filter_map(|step| statuses.get(&(request, *step)).copied()).collect()
    }

    /// How many times lifecycle jobs have changed the effect of a step, including calls that failed.
    pub fn status_changes(&self, step: Step) -> u32 {
        self.status_changes.lock().unwrap().get(&step).copied().unwrap_or_default()
    }

    /// How many effects exist.
    pub fn effects(&self) -> usize {
        self.effects.lock().unwrap().len()
    }

    /// Whether an effect was created more than once.
    pub fn has_duplicate_effects(&self) -> bool {
        self.effects.lock().unwrap().values().any(|count| *count > 1)
    }

    /// How many times a step has acted, including calls that failed.
    pub fn acts(&self, step: Step) -> u32 {
        self.acts.lock().unwrap().get(&step).copied().unwrap_or_default()
    }

    /// Waits until a step begins to act.
    pub async fn wait_for_act(&self, step: Step) {
        wait_for(&format!("{step} to act"), || self.acts(step) > 0).await;
    }

    /// Waits until no request has an effect of this step.
    pub async fn wait_until_compensated(&self, step: Step) {
        wait_for(&format!("the compensation of {step}"), || {
            self.effects.lock().unwrap().keys().all(|(_, other)| *other != step)
        })
        .await;
    }

    /// The seven steps of a provisioning job: six act on this system, and the last one is the real
    /// `Finalize`. Also the steps of lifecycle jobs, which act on this system.
    pub fn steps(self: &Arc<Self>, engine: &engine::Engine) -> Steps {
        let external = Step::ALL.into_iter().filter(|step| *step != Step::Finalize);
        let steps = external.fold(Steps::default(), |steps, step| {
            steps.with(step, TenantStepAdapter(FakeStep { system: Arc::clone(self), step }))
        });
        let steps = Step::WITH_ACCESS.into_iter().fold(steps, |steps, step| {
            with_access_step(steps, step, FakeAccessStep { system: Arc::clone(self), step })
        });
        steps.with(Step::Finalize, TenantStepAdapter(Finalize::new(Arc::new(engine.activation()))))
    }

    fn create_effect(&self, request: Uuid, step: Step) {
        *self.effects.lock().unwrap().entry((request, step)).or_default() += 1;
    }
}

#[derive(Debug)]
struct FakeStep {
    system: Arc<FakeExternalSystem>,
    step: Step,
}

/// The step of a lifecycle job that changes the effect of a step.
#[derive(Debug)]
struct FakeAccessStep {
    system: Arc<FakeExternalSystem>,
    step: Step,
}

impl FakeAccessStep {
    fn change(&self, job: &TenantJob) {
        let status = job.tenant.status.unwrap();
        self.system.statuses.lock().unwrap().insert((job.request_id, self.step), status);
    }
}

#[async_trait]
impl TenantStep for FakeAccessStep {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        let status = self.system.statuses.lock().unwrap().get(&(job.request_id, self.step)).copied();
        Ok((status == job.tenant.status).then(|| job.database()))
    }

    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        *self.system.status_changes.lock().unwrap().entry(self.step).or_default() += 1;
        match take_fault(&self.system.status_faults, self.step) {
            None => self.change(job),
            Some(Fault::Fail(failure)) => return Err(failure),
            Some(Fault::LoseResponse) => {
                self.change(job);
                return Err(StepFailure::transient("the response was lost"));
            }
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::HangAfterActing) => {
                self.change(job);
                std::future::pending().await
            }
        }
        Ok(())
    }

    async fn compensate(&self, _job: &TenantJob) -> Result<(), StepFailure> {
        Ok(())
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(60)
    }
}

fn take_fault(faults: &Mutex<HashMap<Step, VecDeque<Fault>>>, step: Step) -> Option<Fault> {
    faults.lock().unwrap().get_mut(&step).and_then(VecDeque::pop_front)
}

#[async_trait]
impl TenantStep for FakeStep {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        let exists = self.system.effects.lock().unwrap().contains_key(&(job.request_id, self.step));
        Ok(exists.then(|| format!("{}-{}", job.database(), self.step)))
    }

    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        *self.system.acts.lock().unwrap().entry(self.step).or_default() += 1;
        match take_fault(&self.system.act_faults, self.step) {
            None => self.system.create_effect(job.request_id, self.step),
            Some(Fault::Fail(failure)) => return Err(failure),
            Some(Fault::LoseResponse) => {
                self.system.create_effect(job.request_id, self.step);
                return Err(StepFailure::transient("the response was lost"));
            }
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::HangAfterActing) => {
                self.system.create_effect(job.request_id, self.step);
                std::future::pending().await
            }
        }
        Ok(())
    }

    async fn compensate(&self, job: &TenantJob) -> Result<(), StepFailure> {
        match take_fault(&self.system.compensation_faults, self.step) {
            Some(Fault::Fail(failure)) => return Err(failure),
            Some(Fault::Hang) => std::future::pending().await,
            _ => {}
        }
        self.system.effects.lock().unwrap().remove(&(job.request_id, self.step));
        Ok(())
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(60)
    }
}
