//! The PostgreSQL that all cells share, and the database that theirs are copied from.

use std::{
    path::PathBuf,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{Engine, MasterKey};
use private_postgres::{Attach, PrivateCluster};
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::sync::Mutex;
use uuid::Uuid;

/// The master key of every process here.
pub const KEY: [u8; 32] = [7; 32];
const SCHEMA: &str = "cell_template";

/// At a step's change of state, wait while there is a gate for it: `succeeded 3`.
const GATES: &str = "
    CREATE SCHEMA cell;
    CREATE TABLE cell.gates (point text PRIMARY KEY);
    CREATE FUNCTION cell.wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        WHILE EXISTS (SELECT FROM cell.gates WHERE point = NEW.state || ' ' || NEW.position) LOOP
            PERFORM pg_sleep(0.01);
        END LOOP;
        RETURN NEW;
    END $$;
    CREATE TRIGGER wait_at_gate BEFORE UPDATE ON tenantry.job_steps FOR EACH ROW
        WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION cell.wait_at_gate();";

/// A private cluster for this one run.
#[derive(Debug)]
pub struct Ground {
    /// None once it was stopped in order.
    cluster: Option<PrivateCluster>,
    options: PgConnectOptions,
    folder: PathBuf,
    password: String,
    /// Copies one database at a time: a template must have no other user.
    copying: Mutex<()>,
}

impl Ground {
    pub async fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("tenantry-matrix-{}", Uuid::now_v7().simple()));
        let cluster = PrivateCluster::attach_or_start(&folder, Attach::Command).unwrap();
        let options: PgConnectOptions = cluster.url().expose_secret().parse().unwrap();
        let socket = options.get_socket().unwrap().clone();
        let password = std::fs::read_to_string(socket.with_file_name("password")).unwrap().trim().to_owned();
        let ground = Self { cluster: Some(cluster), options, folder, password, copying: Mutex::default() };
        ground.run(&format!("CREATE DATABASE {SCHEMA}")).await;
        let engine = Engine::new(ground.options(SCHEMA), 1, 1, MasterKey::new(KEY));
        engine.migrate().await.unwrap();
        engine.close().await;
        ground.run_in(SCHEMA, GATES).await;
        ground.run(&format!("ALTER DATABASE {SCHEMA} ALLOW_CONNECTIONS false")).await;
        ground.run(&format!("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{SCHEMA}' AND usename = current_user")).await;
        ground
    }

    /// A database with the schema and the gates.
    pub async fn create_migrated(&self, name: &str) {
        let _turn = self.copying.lock().await;
        self.run(&format!("CREATE DATABASE {name} TEMPLATE {SCHEMA}")).await;
        self.run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
    }

    /// A test's own connections, which faults must not hit.
    pub fn options(&self, database: &str) -> PgConnectOptions {
        self.options
            .clone()
            .database(database)
            .application_name("matrix")
            .options([("search_path", "tenantry,cell,public")])
    }

    /// PostgreSQL's socket itself.
    pub fn socket(&self) -> PathBuf {
        self.options.get_socket().unwrap().join(format!(".s.PGSQL.{}", self.options.get_port()))
    }

    /// How a worker reaches a database by a socket in that folder.
    pub fn url(&self, folder: &std::path::Path, database: &str) -> String {
        let folder = folder.display().to_string().replace('/', "%2F");
        format!("postgres://tenantry:{}@{folder}:5432/{database}?sslmode=disable", self.password)
    }

    pub async fn connect(&self, database: &str) -> PgConnection {
        PgConnection::connect_with(&self.options(database)).await.unwrap()
    }

    pub async fn run(&self, sql: &str) {
        self.run_in("postgres", sql).await;
    }

    pub async fn run_in(&self, database: &str, sql: &str) {
        let mut connection = self.connect(database).await;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Drops a database, whoever is connected. PostgreSQL's own clean-up (autovacuum) is waited for.
    pub async fn drop_database(&self, name: &str) {
        let sql = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
        let (mut connection, end) =
            (self.connect("postgres").await, Instant::now() + Duration::from_secs(20));
        while let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut connection).await {
            let code = error.as_database_error().and_then(|error| error.code());
            assert!(code.is_some_and(|code| code == "42501") && Instant::now() < end, "{name} stays");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        connection.close().await.unwrap();
    }

    /// PostgreSQL's main process is killed, or ends at once without a checkpoint; then it comes back.
    pub async fn crash(&self, signal: &str) {
        let pid = self.postmaster().expect("it runs");
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        while std::fs::exists(format!("/proc/{pid}")).unwrap() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        PrivateCluster::attach_or_start(&self.folder, Attach::Command).unwrap();
    }

    /// The id of PostgreSQL's main process.
    fn postmaster(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.folder.join("postgres/data/postmaster.pid")).ok()?;
        text.lines().next().map(str::to_owned)
    }

    pub fn folder_of(self: &Arc<Self>, number: usize) -> PathBuf {
        let folder = self.folder.join(format!("cell-{number}"));
        std::fs::create_dir(&folder).unwrap();
        folder
    }

    pub async fn end(mut self) {
        self.cluster.take().expect("it runs").stop().unwrap();
    }
}

/// Nothing is left of it, also where an assertion failed.
impl Drop for Ground {
    fn drop(&mut self) {
        if let Some(pid) = self.cluster.is_some().then(|| self.postmaster()).flatten() {
            let _ = Command::new("kill").args(["-QUIT", &pid]).status();
        }
        let home = std::fs::read_link(self.folder.join("postgres"));
        if let Ok(elsewhere) = home {
            let _ = std::fs::remove_dir_all(elsewhere);
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
