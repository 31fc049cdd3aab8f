//! The copy of a template, by a real PostgreSQL.

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
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use crate::support::TestDatabase;

/// A template, and copies that go with this value's `end`.
pub struct Server {
    db: TestDatabase,
    pub template: String,
}

impl Server {
    /// With a template that looks like an Odoo database.
    pub async fn new() -> Self {
        let db = TestDatabase::new().await;
        let template = format!("tpl_{}", Uuid::now_v7().simple());
        let server = Self { db, template };
        server.make_template().await;
        server
    }

    async fn make_template(&self) {
        self.run(None, &format!("CREATE DATABASE {}", self.template)).await;
        self.run(
            Some(&self.template),
            "CREATE TABLE ir_config_parameter (key text PRIMARY KEY, value text);
             INSERT INTO ir_config_parameter VALUES ('database.uuid', 'the template''s'), ('database.secret', 's'), ('other', 'kept')",
        )
        .await;
    }

    /// Says that the template is whole: nobody works in it any more.
    pub async fn close_template(&self) {
        self.run(None, &format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", self.template)).await;
    }

    /// Drops the template, and makes another of that name.
    pub async fn make_template_anew(&self) {
        self.run(None, &format!("DROP DATABASE {} WITH (FORCE)", self.template)).await;
        self.make_template().await;
    }

    pub async fn connect(&self, database: Option<&str>) -> PgConnection {
        let options = self.db.options();
        let options = match database {
            Some(database) => options.database(database),
            None => options,
        };
        PgConnection::connect_with(&options).await.unwrap()
    }

    pub async fn run(&self, database: Option<&str>, sql: &str) {
        let mut connection = self.connect(database).await;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    pub async fn text(&self, database: Option<&str>, sql: &str) -> Option<String> {
        let mut connection = self.connect(database).await;
        let text =
            sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_optional(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        text
    }

    fn step(&self, strategy: CopyStrategy) -> CopyDatabase {
        CopyDatabase::new(PostgresCopies { strategy, ..self.settings() }, vec![self.blueprint()])
    }

    pub fn settings(&self) -> PostgresCopies {
        PostgresCopies::new(self.url().into())
    }

    /// A blueprint of this template.
    pub fn blueprint(&self) -> Blueprint {
        Blueprint { template: Some(self.template.clone()), ..Blueprint::standard() }
    }

    fn url(&self) -> String {
        let options = self.db.options();
        let socket = options.get_socket().unwrap();
        let password = std::fs::read_to_string(socket.with_file_name("password")).unwrap();
        let socket = socket.display().to_string().replace('/', "%2F");
        format!("postgres://tenantry:{}@{socket}/postgres", password.trim())
    }

    pub async fn end(self, jobs: &[&TenantJob]) {
        for job in jobs {
            self.run(None, &format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", job.database())).await;
        }
        self.run(None, &format!("DROP DATABASE {} WITH (FORCE)", self.template)).await;
    }
}

/// A job of a tenant whose code no other test has.
pub fn job() -> TenantJob {
    let number = Uuid::new_v4().as_u128() % 1_000_000_000_000;
    serde_json::from_value(json!({
        "id": Uuid::now_v7(), "requestId": Uuid::now_v7(), "blueprint": "standard",
        "tenant": { "id": Uuid::now_v7(), "code": format!("TEN-{number:012}"), "slug": "golden-spoon", "name": "Golden Spoon", "plan": "pro" },
        "owner": { "name": "Mara", "email": "mara@example.com" }, "references": {},
    }))
    .unwrap()
}

#[tokio::test]
async fn two_copies_of_one_template_are_marked_and_have_their_own_identity() {
    let server = Server::new().await;
    let (one, two) = (job(), job());
    for (job, strategy) in [(&one, CopyStrategy::FileCopy), (&two, CopyStrategy::WalLog)] {
        let step = server.step(strategy);
        assert_eq!(step.probe(job).await.unwrap(), None);
        step.act(job).await.unwrap();
        assert_eq!(step.probe(job).await.unwrap(), Some(job.database()));
    }
    let uuid = "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'";
    let (first, second) =
        (server.text(Some(&one.database()), uuid).await, server.text(Some(&two.database()), uuid).await);
    assert!(first != second && first.is_some() && first.as_deref() != Some("the template's"));
    let other =
        server.text(Some(&one.database()), "SELECT value FROM ir_config_parameter WHERE key = 'other'").await;
    assert_eq!(other.as_deref(), Some("kept"));
    let step = server.step(CopyStrategy::FileCopy);
    for _ in 0..2 {
        step.compensate(&one).await.unwrap();
    }
    assert_eq!(step.probe(&one).await.unwrap(), None);
    assert_eq!(step.probe(&two).await.unwrap(), Some(two.database()));
    server.end(&[&one, &two]).await;
}

#[tokio::test]
async fn of_the_first_copies_of_a_template_at_once_none_fails() {
    let server = Server::new().await;
    let jobs = [job(), job(), job(), job()];
    let step = std::sync::Arc::new(server.step(CopyStrategy::FileCopy));
    let mut tasks = tokio::task::JoinSet::new();
    for job in jobs.clone() {
        let step = step.clone();
        tasks.spawn(async move { step.act(&job).await });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    server.end(&jobs.each_ref()).await;
}

#[tokio::test]
async fn a_template_in_use_is_a_failure_that_passes() {
    let server = Server::new().await;
    let (step, job) = (server.step(CopyStrategy::FileCopy), job());
    let somebody = server.connect(Some(&server.template)).await;
    let failure = step.act(&job).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Transient, "{failure}");
    somebody.close().await.unwrap();
    // The backend takes a moment to leave.
    for _ in 0..50 {
        if step.act(&job).await.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(step.probe(&job).await.unwrap(), Some(job.database()));
    server.end(&[&job]).await;
}

#[tokio::test]
async fn a_database_without_our_mark_is_never_touched() {
    let server = Server::new().await;
    let (step, job) = (server.step(CopyStrategy::FileCopy), job());
    server.run(None, &format!("CREATE DATABASE \"{}\"", job.database())).await;
    let found = step.probe(&job).await.unwrap_err();
    assert_eq!(found.kind, FailureKind::Permanent);
    step.compensate(&job).await.unwrap();
    let there = format!("SELECT datname::text FROM pg_database WHERE datname = '{}'", job.database());
    assert!(server.text(None, &there).await.is_some());
    server.end(&[&job]).await;
}

#[tokio::test]
async fn what_a_killed_try_left_is_cleared_by_the_next_and_by_a_roll_back() {
    let server = Server::new().await;
    let (step, job) = (server.step(CopyStrategy::FileCopy), job());
    let unfinished = format!("{}--{}", job.database(), job.request_id.simple());
    server.run(None, &format!("CREATE DATABASE \"{unfinished}\"")).await;
    assert_eq!(step.probe(&job).await.unwrap(), None);
    step.act(&job).await.unwrap();
    assert_eq!(step.probe(&job).await.unwrap(), Some(job.database()));
    let left = format!("SELECT datname::text FROM pg_database WHERE datname = '{unfinished}'");
    assert_eq!(server.text(None, &left).await, None);
    server.run(None, &format!("CREATE DATABASE \"{unfinished}\"")).await;
    step.compensate(&job).await.unwrap();
    assert_eq!(server.text(None, &left).await, None);
    server.end(&[&job]).await;
}

#[tokio::test]
async fn without_its_template_the_step_says_which_and_stays() {
    let server = Server::new().await;
    let blueprint = Blueprint { template: Some("no_such_template".into()), ..Blueprint::standard() };
    let step = CopyDatabase::new(server.settings(), vec![blueprint]);
    let failure = step.act(&job()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Permanent);
    assert!(failure.message.contains("no_such_template"), "{failure}");
    server.end(&[]).await;
}

#[tokio::test]
async fn with_a_copy_alone_configured_a_tenant_takes_that_step_and_the_last() {
    let server = Server::new().await;
    let settings = PipelineSettings {
        copy: Some(CopySettings::Postgres(server.settings())),
        blueprints: vec![server.blueprint()],
        ..PipelineSettings::default()
    };
    let plant = crate::plant::Plant::with(settings).await;
    // Codes begin anew in each test's database, and databases have one name in the whole server.
    plant
        .db
        .run(&format!("SELECT setval('tenant_number_seq', {})", Uuid::new_v4().as_u128() % 1_000_000_000_000))
        .await;
    let made = plant.tenant("golden-spoon").await;
    // With the real steps instead of the fake ones.
    let engine = plant.engine.clone().with_pipeline(plant.engine.pipeline().clone()).unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(engine.worker().run(stopped));
    plant.wait_for_job(made.request_id, StepState::Succeeded).await;
    let detail = plant.detail(made.request_id).await;
    let taken: Vec<_> = detail
        .steps
        .iter()
        .filter(|step| step.state == StepState::Succeeded)
        .map(|step| step.name.as_str())
        .collect();
    assert_eq!(taken, [Step::CopyDatabase.as_str(), Step::Finalize.as_str()]);
    assert_eq!(detail.steps[0].reference, Some(made.tenant.code.to_lowercase()));
    stop.send(true).unwrap();
    running.await.unwrap();
    server.run(None, &format!("DROP DATABASE \"{}\" WITH (FORCE)", made.tenant.code.to_lowercase())).await;
    server.end(&[]).await;
}
