//! An outside system that counts what is done to it and fails as it is told.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use connectors::{ForTenant, TenantJob, TenantStep, steps::Finalize};
use domain::jobs::StepFailure;
use domain::pipeline::Step;
use jobs::Steps;
use uuid::Uuid;

/// How the next act ends.
#[derive(Debug, Clone)]
pub enum Fate {
    /// Refused before anything was done.
    Refuse(StepFailure),
    /// Done, and then the answer is lost.
    LoseAnswer,
    /// Nothing is done, and no answer ever comes.
    HangBefore,
    /// Done, and no answer ever comes.
    HangAfter,
}

/// The system. All steps share it.
#[derive(Debug, Default)]
pub struct Outside {
    effects: Mutex<HashMap<(Uuid, Step), u32>>,
    acts: Mutex<HashMap<Step, u32>>,
    fates: Mutex<HashMap<Step, VecDeque<Fate>>>,
    undo_fates: Mutex<HashMap<Step, VecDeque<Fate>>>,
}

impl Outside {
    /// Orders how the next acts of a step end; after these it does what it is asked.
    pub fn order(&self, step: Step, fates: impl IntoIterator<Item = Fate>) {
        self.fates.lock().unwrap().entry(step).or_default().extend(fates);
    }

    /// The same for the next times that a step's effect is undone.
    pub fn order_undo(&self, step: Step, fates: impl IntoIterator<Item = Fate>) {
        self.undo_fates.lock().unwrap().entry(step).or_default().extend(fates);
    }

    pub fn effects(&self) -> usize {
        self.effects.lock().unwrap().len()
    }

    /// Whether some effect was made more than once.
    pub fn doubled(&self) -> bool {
        self.effects.lock().unwrap().values().any(|count| *count > 1)
    }

    pub fn acts(&self, step: Step) -> u32 {
        self.acts.lock().unwrap().get(&step).copied().unwrap_or_default()
    }

    /// Waits until an act of this step has begun; 20 s at most.
    pub async fn wait_for_act(&self, step: Step) {
        for _ in 0..4000 {
            if self.acts(step) > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{step} never acted");
    }

    /// Waits until no job has an effect of this step any more; 20 s at most.
    pub async fn wait_until_undone(&self, step: Step) {
        for _ in 0..4000 {
            if self.effects.lock().unwrap().keys().all(|(_, there)| *there != step) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{step} was not undone");
    }

    /// The six outside steps and the last one, all on this system.
    pub fn steps(self: &Arc<Self>, engine: &engine::Engine) -> Steps {
        let outside = Step::ALL.into_iter().filter(|step| *step != Step::Finalize);
        let steps = outside.fold(Steps::default(), |steps, step| {
            steps.with(step, ForTenant(OnOutside { outside: Arc::clone(self), step }))
        });
        steps.with(Step::Finalize, ForTenant(Finalize::new(Arc::new(engine.activation()))))
    }

    fn fate(&self, step: Step) -> Option<Fate> {
        self.fates.lock().unwrap().get_mut(&step).and_then(VecDeque::pop_front)
    }

    fn make(&self, job: Uuid, step: Step) {
        *self.effects.lock().unwrap().entry((job, step)).or_default() += 1;
    }
}

#[derive(Debug)]
struct OnOutside {
    outside: Arc<Outside>,
    step: Step,
}

#[async_trait]
impl TenantStep for OnOutside {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        let there = self.outside.effects.lock().unwrap().contains_key(&(job.id, self.step));
        Ok(there.then(|| format!("{}-{}", job.database(), self.step)))
    }

    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        *self.outside.acts.lock().unwrap().entry(self.step).or_default() += 1;
        match self.outside.fate(self.step) {
            None => self.outside.make(job.id, self.step),
            Some(Fate::Refuse(failure)) => return Err(failure),
            Some(Fate::LoseAnswer) => {
                self.outside.make(job.id, self.step);
                return Err(StepFailure::transient("the answer was lost"));
            }
            Some(Fate::HangBefore) => std::future::pending().await,
            Some(Fate::HangAfter) => {
                self.outside.make(job.id, self.step);
                std::future::pending().await
            }
        }
        Ok(())
    }

    async fn compensate(&self, job: &TenantJob) -> Result<(), StepFailure> {
        let fate = self.outside.undo_fates.lock().unwrap().get_mut(&self.step).and_then(VecDeque::pop_front);
        match fate {
            Some(Fate::Refuse(failure)) => return Err(failure),
            Some(Fate::HangBefore) => std::future::pending().await,
            _ => {}
        }
        self.outside.effects.lock().unwrap().remove(&(job.id, self.step));
        Ok(())
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(60)
    }
}
