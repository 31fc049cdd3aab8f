//! A database whose tenants take every step, and workers on it.

use std::{sync::Arc, time::Duration};

use connectors::{
    PipelineSettings,
    settings::{BridgeSettings, CopySettings, Odoo18Settings, Odoo19Settings, PostgresCopies},
};
use domain::{StepState, history::RequestDetail, jobs::StepFailure, outcome::Provisioned, pipeline::Step};
use engine::{
    Engine,
    access::Principal,
    provisioning::{find_request, provision},
};
use tokio::{sync::watch, task::JoinHandle};
use uuid::Uuid;

use crate::{
    outside::{Fate, Outside},
    support::{ORIGIN, TestDatabase, created, draft, order},
};

/// Everything that a test of the pipeline starts from.
pub struct Plant {
    pub db: TestDatabase,
    pub engine: Engine,
    pub outside: Arc<Outside>,
    pub admin: Principal,
}

impl Plant {
    pub async fn new() -> Self {
        Self::with(settings()).await
    }

    pub async fn with(settings: PipelineSettings) -> Self {
        let db = TestDatabase::new().await;
        let outside = Arc::<Outside>::default();
        let engine = db.engine.clone().with_pipeline(settings).unwrap();
        let engine = engine.clone().with_steps(outside.steps(&engine));
        let admin = db.admin().await;
        Self { engine, outside, admin, db }
    }

    /// A tenant that waits for its steps.
    pub async fn tenant(&self, slug: &str) -> Provisioned {
        created(provision(&self.engine, &self.admin, order(draft(slug)), ORIGIN).await)
    }

    /// A request whose job died at this step.
    pub async fn dead_at(&self, step: Step) -> Uuid {
        self.outside.order(step, [Fate::Refuse(StepFailure::permanent("h answered 400"))]);
        let made = self.tenant("golden-spoon").await;
        let worker = self.worker();
        self.wait_for_job(made.request_id, StepState::Dead).await;
        worker.stop().await;
        made.request_id
    }

    pub fn worker(&self) -> Running {
        self.worker_with_lease(Duration::from_secs(30))
    }

    pub fn worker_with_lease(&self, lease: Duration) -> Running {
        let (stop, stopped) = watch::channel(false);
        let worker = self.engine.worker().with_lease(lease);
        Running { stop, task: tokio::spawn(worker.run(stopped)) }
    }

    pub async fn detail(&self, request_id: Uuid) -> RequestDetail {
        find_request(&self.engine, request_id).await.unwrap()
    }

    /// Waits until the job of a request stands there; 20 s at most.
    pub async fn wait_for_job(&self, request_id: Uuid, state: StepState) {
        self.db
            .wait_until(&format!("SELECT state = '{state}' FROM jobs WHERE request_id = '{request_id}'"))
            .await;
    }

    /// Makes what waits for its time be due now.
    pub async fn hurry(&self) {
        self.db.run("UPDATE jobs SET due_at = now() WHERE state = 'retrying'").await;
    }
}

/// A worker in a task of its own.
pub struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// Tells it to stop, and waits until it has.
    pub async fn stop(self) {
        self.stop.send(true).unwrap();
        self.task.await.unwrap();
    }

    /// It is gone from one moment to the next, as by SIGKILL.
    pub fn kill(self) {
        self.task.abort();
    }
}

/// Every connector configured; none of them is ever called by these tests' steps.
pub fn settings() -> PipelineSettings {
    let url = || url::Url::parse("http://127.0.0.1:9").unwrap();
    PipelineSettings {
        copy: Some(CopySettings::Postgres(PostgresCopies::new("postgres://h/d".into()))),
        odoo18: Some(Odoo18Settings { url: url(), login: "admin".into(), password: "admin".into() }),
        odoo19: Some(Odoo19Settings {
            url: url(),
            database: "ops".into(),
            login: "admin".into(),
            key: "key".into(),
            business_base_url: "https://business.example.com".into(),
        }),
        bridge: Some(BridgeSettings { url: url(), token: "token".into() }),
        ..PipelineSettings::default()
    }
}
