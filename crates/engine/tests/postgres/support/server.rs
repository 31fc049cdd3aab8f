//! Where the tests' databases are made: one PostgreSQL that all test processes share.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use engine::{Engine, MasterKey};
use private_postgres::{Attach, PrivateCluster};
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

/// Who makes or copies the template holds this advisory lock.
const TEMPLATE_LOCK: i64 = 7302;
const PREFIX: &str = "tenantry_test_";
/// A database that is older was left by a test that was killed.
const FORGOTTEN: Duration = Duration::from_secs(3600);

/// `DATABASE_URL_TEST`, or else a private cluster in cargo's folder for tests. The last process
/// that uses the cluster stops it.
pub struct Server {
    cluster: Option<PrivateCluster>,
    options: PgConnectOptions,
    /// The folder of a cluster that goes with its one test.
    folder: Option<PathBuf>,
}

impl Server {
    pub async fn attach() -> Self {
        if let Ok(url) = std::env::var("DATABASE_URL_TEST") {
            return Self { cluster: None, options: url.parse().unwrap(), folder: None };
        }
        let data_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tenantry");
        let cluster = PrivateCluster::attach_or_start(&data_dir, Attach::Command).unwrap();
        Self { options: cluster.url().expose_secret().parse().unwrap(), cluster: Some(cluster), folder: None }
    }

    /// A cluster for one test, which may do to it what would disturb others.
    pub async fn of_its_own() -> Self {
        let folder = std::env::temp_dir().join(format!("tenantry-own-{}", Uuid::now_v7().simple()));
        let cluster = PrivateCluster::attach_or_start(&folder, Attach::Command).unwrap();
        Self {
            options: cluster.url().expose_secret().parse().unwrap(),
            cluster: Some(cluster),
            folder: Some(folder),
        }
    }

    pub fn options(&self, database: &str) -> PgConnectOptions {
        self.options.clone().database(database)
    }

    /// Makes a database with the schema, as a copy of the template, and returns its name.
    pub async fn create_migrated(&self) -> String {
        let name = new_name();
        let mut connection = self.connect().await;
        sqlx::query("SELECT pg_advisory_lock($1)")
            .bind(TEMPLATE_LOCK)
            .execute(&mut connection)
            .await
            .unwrap();
        let template = self.template(&mut connection).await;
        run(&mut connection, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        // The lock goes with the connection.
        connection.close().await.unwrap();
        name
    }

    pub async fn create_empty(&self) -> String {
        let name = new_name();
        run(&mut self.connect().await, &format!("CREATE DATABASE {name}")).await;
        name
    }

    /// Removes a database, whoever is connected, and lets the cluster go.
    pub async fn discard(self, database: &str) {
        let mut connection = self.connect().await;
        drop_database(&mut connection, database).await;
        connection.close().await.unwrap();
        if let Some(cluster) = self.cluster {
            cluster.stop().unwrap();
        }
        if let Some(folder) = self.folder {
            std::fs::remove_dir_all(folder).unwrap();
        }
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect_with(&self.options).await.unwrap()
    }

    /// The name of the template for this version of the schema, which is made if it is missing.
    async fn template(&self, connection: &mut PgConnection) -> String {
        let mut name = String::from("tenantry_template_");
        for byte in &engine::schema::checksum()[..8] {
            write!(name, "{byte:02x}").unwrap();
        }
        let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&name)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        if !exists {
            self.clear_away(connection).await;
            // Under another name first: half a template must never look like one.
            run(connection, &format!("CREATE DATABASE {name}_new")).await;
            let engine = Engine::new(self.options(&format!("{name}_new")), 1, 1, MasterKey::new([0; 32]));
            engine.migrate().await.unwrap();
            engine.close().await;
            // The migrating connection may take a moment to leave.
            run(connection, &format!("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}_new' AND usename = current_user")).await;
            run(connection, &format!("ALTER DATABASE {name}_new RENAME TO {name}")).await;
        }
        name
    }

    /// Drops other templates, and databases of tests that were killed.
    async fn clear_away(&self, connection: &mut PgConnection) {
        let names: Vec<String> =
            sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname LIKE 'tenantry\\_te%'")
                .fetch_all(&mut *connection)
                .await
                .unwrap();
        for name in names.into_iter().filter(|name| name.strip_prefix(PREFIX).is_none_or(is_forgotten)) {
            drop_database(connection, &name).await;
        }
    }
}

/// A new name that tells when it was made.
fn new_name() -> String {
    format!("{PREFIX}{}", Uuid::now_v7().simple())
}

fn is_forgotten(id: &str) -> bool {
    let made = Uuid::try_parse(id).ok().and_then(|id| id.get_timestamp()).map_or(0, |made| made.to_unix().0);
    std::time::UNIX_EPOCH.elapsed().unwrap() > Duration::from_secs(made) + FORGOTTEN
}

/// Drops a database, whoever is connected. PostgreSQL's own clean-up (autovacuum) is not ours to
/// end, and is waited for.
async fn drop_database(connection: &mut PgConnection, name: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    while let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut *connection).await {
        let not_ours =
            error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "42501");
        assert!(not_ours && Instant::now() < deadline, "{error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}
