//! A tenant with real effects: a database of PostgreSQL, its files, records in the fake Odoo and the fake
//! bridge.

use std::time::Duration;

use connectors::{
    PipelineSettings,
    settings::{CopySettings, PostgresCopies},
};
use domain::{StepState, outcome::Provisioned};
use engine::{
    Engine,
    access::Actor,
    tenants::{delete_tenant, restore_tenant, resume_tenant, suspend_tenant},
};
use serde_json::Value;
use sqlx::{Connection, PgConnection};
use test_support::{
    fake_services::{Endpoint, FakeServices},
    pipeline_fixture::PipelineFixture,
    running_worker::RunningWorker,
};
use uuid::Uuid;

use crate::{copy::CopyFixture, filestore::Filestore};

pub(crate) const SLUG: &str = "golden-spoon";

/// An active tenant, and everything that it has.
pub(crate) struct ExternalTenant {
    pub fixture: PipelineFixture,
    pub copies: CopyFixture,
    pub files: Filestore,
    pub services: FakeServices,
    /// The engine with the real steps.
    pub engine: Engine,
    pub tenant: Provisioned,
}

impl ExternalTenant {
    pub(crate) async fn new() -> Self {
        let (copies, services) = (CopyFixture::new().await, FakeServices::start().await);
        let files = Filestore::with_template(&copies.template);
        let copy = PostgresCopies { filestore: Some(files.0.clone()), ..copies.settings() };
        let settings = PipelineSettings {
            copy: Some(CopySettings::Postgres(copy)),
            odoo18: Some(services.odoo18_settings()),
            odoo19: Some(services.odoo19_settings()),
            bridge: Some(services.bridge_settings()),
            blueprints: vec![copies.blueprint()],
            ..PipelineSettings::default()
        };
        let fixture = PipelineFixture::with_settings(settings.clone()).await;
        // Tenant codes start at 1 in each test's database, but database names are unique in the cluster.
        let number = Uuid::new_v4().as_u128() % 1_000_000_000_000;
        fixture.db.run(&format!("SELECT setval('tenant_number_seq', {number})")).await;
        let engine = fixture.engine.clone().with_pipeline(settings).unwrap();
        let tenant = fixture.provision(SLUG).await;
        let this = Self { fixture, copies, files, services, engine, tenant };
        let worker = this.worker();
        this.fixture.wait_for_job(this.tenant.request_id, StepState::Succeeded).await;
        worker.stop().await;
        this
    }

    pub(crate) fn worker(&self) -> RunningWorker {
        self.fixture.worker_with(self.engine.steps().clone(), Duration::from_secs(30))
    }

    pub(crate) fn by(&self) -> Actor {
        Actor::from(self.fixture.admin.clone())
    }

    pub(crate) fn code(&self) -> &str {
        &self.tenant.tenant.code
    }

    pub(crate) fn database(&self) -> String {
        self.code().to_lowercase()
    }

    /// Runs a worker until the latest job of this kind has succeeded.
    pub(crate) async fn run_job(&self, kind: &str) {
        let worker = self.worker();
        let state = format!(
            "SELECT state = 'succeeded' FROM jobs WHERE kind = '{kind}' ORDER BY created_at DESC LIMIT 1"
        );
        self.fixture.db.wait_until(&state).await;
        worker.stop().await;
    }

    /// The record of the tenant in Odoo 19.
    pub(crate) fn odoo_tenant(&self) -> Value {
        self.services.record(Endpoint::Tenants, self.code()).unwrap()
    }

    /// Asserts what the external systems know.
    async fn assert_access(&self, sync_status: &str, bridge_status: &str) {
        let connected = PgConnection::connect_with(&self.copies.options(&self.database())).await;
        match bridge_status {
            "active" => connected.unwrap().close().await.unwrap(),
            _ => {
                let error = connected.unwrap_err();
                assert_eq!(error.as_database_error().unwrap().code().as_deref(), Some("55000"), "{error}");
            }
        }
        assert_eq!(self.odoo_tenant()["bridge_sync_status"], sync_status);
        let record = self.services.record(Endpoint::Bridge, self.code()).unwrap();
        assert_eq!((&record["status"], &record["slug"]), (&bridge_status.into(), &SLUG.into()));
        self.fixture.db.assert_invariants().await;
    }

    pub(crate) async fn clean_up(self) {
        self.copies.drop_database(&self.database()).await;
        self.copies.clean_up(&[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_of_a_suspended_or_deleted_tenant_refuses_connections() {
    let external = ExternalTenant::new().await;
    let (engine, by) = (&external.engine, &external.by());
    let mut open = external.copies.connect(Some(&external.database())).await;
    suspend_tenant(engine, by, SLUG, "unpaid").await.unwrap();
    external.run_job("suspend").await;
    // The connection that was open has ended.
    assert!(sqlx::query("SELECT 1").execute(&mut open).await.is_err());
    external.assert_access("pending", "suspended").await;

    resume_tenant(engine, by, SLUG).await.unwrap();
    external.run_job("resume").await;
    external.assert_access("ok", "active").await;

    delete_tenant(engine, by, SLUG, SLUG).await.unwrap();
    external.run_job("delete").await;
    external.assert_access("pending", "deleted").await;

    restore_tenant(engine, by, SLUG).await.unwrap();
    external.run_job("restore").await;
    external.assert_access("ok", "active").await;
    external.clean_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_our_mark_keeps_its_access() {
    let external = ExternalTenant::new().await;
    let database = external.database();
    external.copies.run(None, &format!("COMMENT ON DATABASE \"{database}\" IS 'of somebody else'")).await;
    suspend_tenant(&external.engine, &external.by(), SLUG, "unpaid").await.unwrap();
    let worker = external.worker();
    external.fixture.db.wait_until("SELECT state = 'dead' FROM jobs WHERE kind = 'suspend'").await;
    worker.stop().await;
    external.copies.connect(Some(&database)).await.close().await.unwrap();
    let message = "SELECT message FROM step_attempts WHERE outcome = 'failed'";
    assert_eq!(
        external.fixture.db.text(message).await,
        format!("the database {database} exists but belongs to another request")
    );
    external.clean_up().await;
}
