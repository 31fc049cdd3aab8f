//! A database whose tenants need every pipeline step, and workers that run these steps.

use std::{sync::Arc, time::Duration};

use connectors::{
    PipelineSettings,
    settings::{BridgeSettings, CopySettings, Odoo18Settings, Odoo19Settings, PostgresCopies},
};
use domain::{StepState, history::RequestDetail, jobs::StepFailure, outcome::Provisioned, pipeline::Step};
use engine::{
    Engine,
    access::Employee,
    provisioning::{find_request, provision},
};
use jobs::Steps;
use uuid::Uuid;

use crate::{
    fake_external_system::{FakeExternalSystem, Fault},
    requests::{assert_created, draft, provision_request},
    running_worker::RunningWorker,
    test_database::{ORIGIN, TestDatabase},
    wait::wait_for_value,
};

/// A database with an engine, a fake external system and an admin.
pub struct PipelineFixture {
    /// The database.
    pub db: TestDatabase,
    /// The engine, with the steps of the fake external system.
    pub engine: Engine,
    /// The system in which the steps of [`worker`](Self::worker) have their effects.
    pub external: Arc<FakeExternalSystem>,
    /// An admin, who provisions the tenants.
    pub admin: Employee,
}

impl PipelineFixture {
    /// Creates a fixture in which all connectors are configured.
    pub async fn new() -> Self {
        Self::with_settings(all_connectors()).await
    }

    /// Creates a fixture with these settings of connectors.
    pub async fn with_settings(settings: PipelineSettings) -> Self {
        let db = TestDatabase::new().await;
        let external = Arc::<FakeExternalSystem>::default();
        let engine = db.engine.clone().with_pipeline(settings).unwrap();
        let engine = engine.clone().with_steps(external.steps(&engine));
        let admin = db.admin().await;
        Self { engine, external, admin, db }
    }

    /// Provisions a tenant. Its steps have not run yet.
    pub async fn provision(&self, slug: &str) -> Provisioned {
        assert_created(provision(&self.engine, &self.admin, provision_request(draft(slug)), ORIGIN).await)
    }

    /// Provisions a tenant whose step `step` fails permanently, and waits until the step is dead. Returns the
    /// ID of the request.
    pub async fn provision_until_dead(&self, step: Step) -> Uuid {
        self.external
            .inject(step, [Fault::Fail(StepFailure::permanent("the fake system responded with 400"))]);
        let provisioned = self.provision("golden-spoon").await;
        let worker = self.worker();
        self.wait_for_job(provisioned.request_id, StepState::Dead).await;
        worker.stop().await;
        provisioned.request_id
    }

    /// Enqueues a job of the kind `greeting`, without a request. No worker implements its step, so the job
    /// becomes dead when a worker runs it.
    pub async fn enqueue_job_with_unknown_step(&self) {
        let sql = r#"SELECT enqueue_job('greeting', NULL, NULL, false, '{}',
            '[{"name": "SAY_HELLO", "connector": "greeter", "state": "pending"}]', now())"#;
        self.db.run(sql).await;
    }

    /// Starts a worker on the fake external system.
    pub fn worker(&self) -> RunningWorker {
        self.worker_with_lease(Duration::from_secs(30))
    }

    /// Starts a worker on the fake external system, with a lease of this duration.
    pub fn worker_with_lease(&self, lease: Duration) -> RunningWorker {
        self.worker_with(self.engine.steps().clone(), lease)
    }

    /// Starts a worker with these steps and a lease of this duration.
    pub fn worker_with(&self, steps: Arc<Steps>, lease: Duration) -> RunningWorker {
        RunningWorker::start(self.engine.queue().clone(), steps, lease)
    }

    /// Loads a request with its steps and attempts.
    pub async fn detail(&self, request_id: Uuid) -> RequestDetail {
        find_request(&self.engine, request_id).await.unwrap()
    }

    /// Waits until the job of a request has this state.
    pub async fn wait_for_job(&self, request_id: Uuid, state: StepState) {
        self.db
            .wait_until(&format!("SELECT state = '{state}' FROM jobs WHERE request_id = '{request_id}'"))
            .await;
    }

    /// Waits until the job of a request has this state. Retries are due immediately.
    pub async fn wait_for_job_with_immediate_retries(&self, request_id: Uuid, state: StepState) {
        let reached =
            format!("SELECT (state = '{state}')::int::bigint FROM jobs WHERE request_id = '{request_id}'");
        wait_for_value(&format!("the job to be {state}"), async || {
            self.make_due_now().await;
            (self.db.number(&reached).await == 1).then_some(())
        })
        .await;
    }

    /// Makes all jobs that wait for a retry due now, and wakes the workers.
    pub async fn make_due_now(&self) {
        let sql = "WITH due AS (
                UPDATE jobs SET due_at = now() WHERE state = 'retrying' AND due_at > now() RETURNING id
            ) SELECT pg_notify('tenantry_jobs', '') FROM due";
        self.db.run(sql).await;
    }
}

/// Settings for every connector. The steps of [`FakeExternalSystem`] call none of them.
pub fn all_connectors() -> PipelineSettings {
    let url = || url::Url::parse("http://127.0.0.1:9").unwrap();
    PipelineSettings {
        copy: Some(CopySettings::Postgres(PostgresCopies::new("postgres://h/d".into()))),
        odoo18: Some(Odoo18Settings {
            url: url(),
            login: "admin".into(),
            password: "admin".into(),
            tenant_url: None,
        }),
        odoo19: Some(Odoo19Settings {
            url: url(),
            database: "ops".into(),
            login: "admin".into(),
            key: "key".into(),
            business_base_url: "https://business.example.com".parse().unwrap(),
            plan_map: vec![("pro".into(), "growth".into())],
            owner_role: "admin".into(),
        }),
        bridge: Some(BridgeSettings { url: url(), token: "token".into() }),
        ..PipelineSettings::default()
    }
}
