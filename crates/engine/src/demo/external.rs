//! The external systems of the demo data: they exist in memory, and fail as the schedule demands.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use connectors::{
    PipelineSettings, TenantJob, TenantStep, TenantStepAdapter,
    settings::{BridgeSettings, CopySettings, Odoo18Settings, Odoo19Settings},
    steps::{Finalize, with_access_step},
};
use domain::{jobs::StepFailure, pipeline::Step};
use jobs::{Resource, Steps};
use url::Url;
use uuid::Uuid;

use crate::{Engine, Error};

/// The effects, and the failures that are still to happen.
#[derive(Debug, Default)]
struct State {
    effects: HashSet<(Uuid, Step)>,
    /// By the slug of the tenant.
    failures: HashMap<(String, Step), VecDeque<StepFailure>>,
}

/// The external systems.
#[derive(Debug, Clone, Default)]
pub(super) struct ExternalSystems(Arc<Mutex<State>>);

impl ExternalSystems {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the next calls of a step fail for a tenant.
    pub(super) fn fail(&self, slug: &str, step: Step, failures: impl IntoIterator<Item = StepFailure>) {
        self.state().failures.entry((slug.to_owned(), step)).or_default().extend(failures);
    }

    /// An engine whose steps use these systems.
    pub(super) fn attach(&self, engine: &Engine) -> Result<Engine, Error> {
        let settings = PipelineSettings { blueprints: engine.pipeline().blueprints.clone(), ..settings()? };
        let engine = engine.clone().with_pipeline(settings);
        let engine = engine.map_err(|error| Error::unexpected("HTTP client", error))?;
        let external = Step::ALL.into_iter().filter(|step| *step != Step::Finalize);
        let steps = external.fold(Steps::default(), |steps, step| {
            steps.with(step, TenantStepAdapter(ExampleStep { systems: self.clone(), step }))
        });
        let steps = Step::WITH_ACCESS
            .into_iter()
            .fold(steps, |steps, step| with_access_step(steps, step, ExampleAccess));
        let finalize = Finalize::new(Arc::new(engine.activation()));
        Ok(engine.with_steps(steps.with(Step::Finalize, TenantStepAdapter(finalize))))
    }
}

/// Settings with which every step is included. No step calls these addresses.
fn settings() -> Result<PipelineSettings, Error> {
    let url = |host: &str| {
        Url::parse(&format!("https://{host}.example")).map_err(|error| Error::unexpected("URL", error))
    };
    Ok(PipelineSettings {
        copy: Some(CopySettings::Service { url: url("copies")?, token: "none".into() }),
        odoo18: Some(Odoo18Settings {
            url: url("odoo18")?,
            login: "admin".into(),
            password: "none".into(),
            tenant_url: None,
        }),
        odoo19: Some(Odoo19Settings {
            url: url("odoo19")?,
            database: "ops".into(),
            login: "admin".into(),
            key: "none".into(),
            business_base_url: url("business")?,
            plan_map: Vec::new(),
            owner_role: "admin".into(),
        }),
        bridge: Some(BridgeSettings { url: url("bridge")?, token: "none".into() }),
        ..PipelineSettings::default()
    })
}

/// A step of a provisioning job.
#[derive(Debug)]
struct ExampleStep {
    systems: ExternalSystems,
    step: Step,
}

#[async_trait]
impl TenantStep for ExampleStep {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        let exists = self.systems.state().effects.contains(&(job.request_id, self.step));
        Ok(exists.then(|| job.database()))
    }

    async fn act(&self, job: &TenantJob) -> Result<(), StepFailure> {
        let mut state = self.systems.state();
        let key = (job.tenant.slug.clone(), self.step);
        if let Some(failure) = state.failures.get_mut(&key).and_then(VecDeque::pop_front) {
            return Err(failure);
        }
        state.effects.insert((job.request_id, self.step));
        Ok(())
    }

    async fn compensate(&self, job: &TenantJob) -> Result<(), StepFailure> {
        self.systems.state().effects.remove(&(job.request_id, self.step));
        Ok(())
    }

    fn resource(&self, job: &TenantJob, _reference: &str) -> Option<Resource> {
        match self.step {
            Step::CopyDatabase => Some(Resource { kind: "database", url: None }),
            Step::SignInToOdoo => {
                let url = format!("https://{}.business.example", job.tenant.slug);
                Some(Resource { kind: "odoo", url: Some(url) })
            }
            _ => None,
        }
    }
}

/// A step of a lifecycle job.
#[derive(Debug)]
struct ExampleAccess;

#[async_trait]
impl TenantStep for ExampleAccess {
    async fn probe(&self, job: &TenantJob) -> Result<Option<String>, StepFailure> {
        Ok(Some(job.database()))
    }

    async fn act(&self, _job: &TenantJob) -> Result<(), StepFailure> {
        Ok(())
    }

    async fn compensate(&self, _job: &TenantJob) -> Result<(), StepFailure> {
        Ok(())
    }
}
