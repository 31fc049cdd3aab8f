//! Copies of a template database by a real PostgreSQL.

use std::{sync::Arc, time::Duration};

use connectors::{
    PipelineSettings, TenantJob, TenantStep,
    settings::{CopySettings, CopyStrategy, PostgresCopies},
    steps::CopyDatabase,
};
use domain::{
    StepState,
    jobs::FailureKind,
    pipeline::{Blueprint, Step},
};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

use test_support::{
    old_postgres::OldPostgres, pipeline_fixture::PipelineFixture, test_database::TestDatabase,
    wait::wait_for_value,
};

/// A template, and the copies that [`clean_up`](Self::clean_up) drops.
pub(crate) struct CopyFixture {
    pub db: TestDatabase,
    pub template: String,
}

impl CopyFixture {
    /// A fixture with a template that looks like an Odoo database.
    pub(crate) async fn new() -> Self {
        let db = TestDatabase::new().await;
        let template = format!("tpl_{}", Uuid::now_v7().simple());
        let fixture = Self { db, template };
        fixture.create_template().await;
        fixture
    }

    async fn create_template(&self) {
        self.run(None, &format!("CREATE DATABASE {}", self.template)).await;
        self.run(
            Some(&self.template),
            "CREATE TABLE ir_config_parameter (key text PRIMARY KEY, value text);
             INSERT INTO ir_config_parameter VALUES ('database.uuid', 'the template''s'), ('database.secret', 's'), ('other', 'kept')",
        )
        .await;
    }

    /// Closes the template to connections. A closed template is complete.
    pub(crate) async fn close_template(&self) {
        self.run(None, &format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", self.template)).await;
    }

    /// Replaces the template with another database of the same name.
    pub(crate) async fn replace_template(&self) {
        self.drop_database(&self.template).await;
        self.create_template().await;
    }

    /// Drops a database if it exists, even if autovacuum runs in it.
    pub(crate) async fn drop_database(&self, name: &str) {
        self.db.cluster().drop_database(name).await;
    }

    pub(crate) fn options(&self, database: &str) -> PgConnectOptions {
        self.db.options().database(database)
    }

    pub(crate) async fn connect(&self, database: Option<&str>) -> PgConnection {
        let options = match database {
            Some(database) => self.options(database),
            None => self.db.options(),
        };
        PgConnection::connect_with(&options).await.unwrap()
    }

    pub(crate) async fn run(&self, database: Option<&str>, sql: &str) {
        let mut connection = self.connect(database).await;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    pub(crate) async fn text(&self, database: Option<&str>, sql: &str) -> Option<String> {
        let mut connection = self.connect(database).await;
        let text =
            sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_optional(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        text
    }

    pub(crate) fn step(&self, strategy: CopyStrategy) -> CopyDatabase {
        CopyDatabase::new(PostgresCopies { strategy, ..self.settings() }, vec![self.blueprint()])
    }

    pub(crate) fn settings(&self) -> PostgresCopies {
        PostgresCopies::new(self.url().into())
    }

    /// A blueprint that copies the template.
    pub(crate) fn blueprint(&self) -> Blueprint {
        Blueprint { template: Some(self.template.clone()), ..Blueprint::standard() }
    }

    pub(crate) fn url(&self) -> String {
        let cluster = self.db.cluster();
        cluster.url(&cluster.socket_directory(), "postgres")
    }

    pub(crate) async fn clean_up(self, jobs: &[&TenantJob]) {
        for job in jobs {
            self.drop_database(&job.database()).await;
        }
        self.drop_database(&self.template).await;
    }
}

/// A job of a tenant with a random code.
pub(crate) fn job() -> TenantJob {
    let number = Uuid::new_v4().as_u128() % 1_000_000_000_000;
    serde_json::from_value(json!({
        "id": Uuid::now_v7(), "requestId": Uuid::now_v7(), "blueprint": "standard",
        "tenant": { "id": Uuid::now_v7(), "code": format!("TEN-{number:012}"), "slug": "golden-spoon", "name": "Golden Spoon", "plan": "pro" },
        "owner": { "name": "Mara", "email": "mara@example.com", "emailCanonical": "mara@example.com" }, "references": {},
    }))
    .unwrap()
}

#[tokio::test]
async fn copies_of_one_template_are_marked_and_have_different_identities() {
    let fixture = CopyFixture::new().await;
    let (one, two) = (job(), job());
    for (job, strategy) in [(&one, CopyStrategy::FileCopy), (&two, CopyStrategy::WalLog)] {
        let step = fixture.step(strategy);
        assert_eq!(step.probe(job).await.unwrap(), None);
        step.act(job).await.unwrap();
        assert_eq!(step.probe(job).await.unwrap(), Some(job.database()));
    }
    let uuid = "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'";
    let (first, second) =
        (fixture.text(Some(&one.database()), uuid).await, fixture.text(Some(&two.database()), uuid).await);
    assert!(first != second && first.is_some() && first.as_deref() != Some("the template's"));
    let other = fixture
        .text(Some(&one.database()), "SELECT value FROM ir_config_parameter WHERE key = 'other'")
        .await;
    assert_eq!(other.as_deref(), Some("kept"));
    let step = fixture.step(CopyStrategy::FileCopy);
    for _ in 0..2 {
        step.compensate(&one).await.unwrap();
    }
    assert_eq!(step.probe(&one).await.unwrap(), None);
    assert_eq!(step.probe(&two).await.unwrap(), Some(two.database()));
    fixture.clean_up(&[&one, &two]).await;
}

#[tokio::test]
async fn concurrent_first_copies_of_a_template_all_succeed() {
    let fixture = CopyFixture::new().await;
    let jobs = [job(), job(), job(), job()];
    let step = Arc::new(fixture.step(CopyStrategy::FileCopy));
    let mut tasks = tokio::task::JoinSet::new();
    for job in jobs.clone() {
        let step = step.clone();
        tasks.spawn(async move { step.act(&job).await });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    fixture.clean_up(&jobs.each_ref()).await;
}

#[tokio::test]
async fn a_template_in_use_is_a_transient_failure() {
    let fixture = CopyFixture::new().await;
    let (step, job) = (fixture.step(CopyStrategy::FileCopy), job());
    let connection = fixture.connect(Some(&fixture.template)).await;
    let failure = step.act(&job).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Transient, "{failure}");
    connection.close().await.unwrap();
    // The backend takes a moment to end.
    wait_for_value("the copy to succeed", async || step.act(&job).await.ok()).await;
    assert_eq!(step.probe(&job).await.unwrap(), Some(job.database()));
    fixture.clean_up(&[&job]).await;
}

#[tokio::test]
async fn a_database_without_a_mark_is_never_changed() {
    let fixture = CopyFixture::new().await;
    let (step, job) = (fixture.step(CopyStrategy::FileCopy), job());
    fixture.run(None, &format!("CREATE DATABASE \"{}\"", job.database())).await;
    let found = step.probe(&job).await.unwrap_err();
    assert_eq!(found.kind, FailureKind::Permanent);
    step.compensate(&job).await.unwrap();
    let exists = format!("SELECT datname::text FROM pg_database WHERE datname = '{}'", job.database());
    assert!(fixture.text(None, &exists).await.is_some());
    fixture.clean_up(&[&job]).await;
}

#[tokio::test]
async fn an_incomplete_copy_is_dropped_by_the_next_attempt_and_by_a_rollback() {
    let fixture = CopyFixture::new().await;
    let (step, job) = (fixture.step(CopyStrategy::FileCopy), job());
    let incomplete = format!("{}--{}", job.database(), job.request_id.simple());
    fixture.run(None, &format!("CREATE DATABASE \"{incomplete}\"")).await;
    assert_eq!(step.probe(&job).await.unwrap(), None);
    step.act(&job).await.unwrap();
    assert_eq!(step.probe(&job).await.unwrap(), Some(job.database()));
    let remaining = format!("SELECT datname::text FROM pg_database WHERE datname = '{incomplete}'");
    assert_eq!(fixture.text(None, &remaining).await, None);
    fixture.run(None, &format!("CREATE DATABASE \"{incomplete}\"")).await;
    step.compensate(&job).await.unwrap();
    assert_eq!(fixture.text(None, &remaining).await, None);
    fixture.clean_up(&[&job]).await;
}

#[tokio::test]
async fn a_connection_to_the_server_of_the_copies_has_time_limits() {
    let fixture = CopyFixture::new().await;
    // The step updates this table of the copy. The trigger records the settings of the connection.
    let recorder = "CREATE TABLE limits (name text, value text);
         CREATE FUNCTION record_limits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             INSERT INTO limits SELECT name, current_setting(name) FROM unnest(
                 '{statement_timeout, lock_timeout, idle_in_transaction_session_timeout}'::text[]) name;
             RETURN NULL;
         END $$;
         CREATE TRIGGER record_limits AFTER UPDATE ON ir_config_parameter EXECUTE FUNCTION record_limits()";
    fixture.run(Some(&fixture.template), recorder).await;
    let (step, job) = (fixture.step(CopyStrategy::FileCopy), job());
    step.act(&job).await.unwrap();
    let limits = "SELECT string_agg(DISTINCT name || ' ' || value, ', ') FROM limits";
    let limits = fixture.text(Some(&job.database()), limits).await.unwrap();
    let expected = "idle_in_transaction_session_timeout 1min, lock_timeout 1min, statement_timeout 10min";
    assert_eq!(limits, expected);
    fixture.clean_up(&[&job]).await;
}

#[tokio::test]
async fn an_incomplete_copy_is_dropped_when_an_admin_skips_the_step() {
    let fixture = CopyFixture::new().await;
    let (step, job) = (fixture.step(CopyStrategy::FileCopy), job());
    let incomplete = format!("{}--{}", job.database(), job.request_id.simple());
    fixture.run(None, &format!("CREATE DATABASE \"{incomplete}\"")).await;
    step.discard(&job).await.unwrap();
    let exists = format!("SELECT datname::text FROM pg_database WHERE datname = '{incomplete}'");
    assert_eq!(fixture.text(None, &exists).await, None);
    fixture.clean_up(&[&job]).await;
}

#[tokio::test]
async fn a_missing_template_is_a_permanent_failure_that_names_the_template() {
    let fixture = CopyFixture::new().await;
    let blueprint = Blueprint { template: Some("no_such_template".into()), ..Blueprint::standard() };
    let step = CopyDatabase::new(fixture.settings(), vec![blueprint]);
    let failure = step.act(&job()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Permanent);
    assert!(failure.message.contains("no_such_template"), "{failure}");
    fixture.clean_up(&[]).await;
}

#[tokio::test]
async fn a_server_older_than_postgresql_15_is_a_permanent_failure_that_names_its_version() {
    let old = OldPostgres::start();
    let blueprint = Blueprint { template: Some("postgres".into()), ..Blueprint::standard() };
    let step = CopyDatabase::new(PostgresCopies::new(old.url().into()), vec![blueprint]);
    let failure = step.act(&job()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Permanent);
    assert!(failure.message.contains("PostgreSQL 14; copies need version 15"), "{failure}");
}

#[tokio::test]
async fn a_job_runs_two_steps_if_only_copies_are_configured() {
    let copy_fixture = CopyFixture::new().await;
    let settings = PipelineSettings {
        copy: Some(CopySettings::Postgres(copy_fixture.settings())),
        blueprints: vec![copy_fixture.blueprint()],
        ..PipelineSettings::default()
    };
    let fixture = PipelineFixture::with_settings(settings).await;
    // Tenant codes start at 1 in each test's database, but database names are unique in the cluster.
    let number = Uuid::new_v4().as_u128() % 1_000_000_000_000;
    fixture.db.run(&format!("SELECT setval('tenant_number_seq', {number})")).await;
    let provisioned = fixture.provision("golden-spoon").await;
    let database = provisioned.tenant.code.to_lowercase();
    // Uses the real steps instead of the fake ones.
    let engine = fixture.engine.clone().with_pipeline(fixture.engine.pipeline().clone()).unwrap();
    let steps = engine.steps().clone();
    let worker = fixture.worker_with(steps, Duration::from_secs(30));
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    let detail = fixture.detail(provisioned.request_id).await;
    let succeeded: Vec<_> = detail
        .steps
        .iter()
        .filter(|step| step.state == StepState::Succeeded)
        .map(|step| step.name.as_str())
        .collect();
    assert_eq!(succeeded, [Step::CopyDatabase.as_str(), Step::Finalize.as_str()]);
    assert_eq!(detail.steps[0].reference.as_ref(), Some(&database));
    worker.stop().await;
    copy_fixture.drop_database(&database).await;
    copy_fixture.clean_up(&[]).await;
}
