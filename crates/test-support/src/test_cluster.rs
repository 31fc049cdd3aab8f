//! PostgreSQL clusters for tests: one that all test processes share, and dedicated ones. A dedicated cluster
//! belongs to one test, which may crash it.

use std::{
    future::Future,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use private_postgres::{Attach, PrivateCluster};
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

use crate::{
    prepared_cluster::{create_cluster_data, delete_data_directory, target_directory},
    wait::{Poll, block_until, wait_for},
};

/// The advisory lock that is held while a template is created or copied. `CREATE DATABASE … TEMPLATE` fails
/// while the template has connections.
const TEMPLATE_LOCK: i64 = 7302;
const DATABASE_PREFIX: &str = "tenantry_test_";
/// The age at which the database of a killed test is dropped.
const ABANDONED_AFTER: Duration = Duration::from_secs(3600);

/// The content of a template database.
pub trait TemplateSchema {
    /// The kind of schema, such as `tenantry`. Templates of other versions of a kind are dropped.
    const KIND: &str;

    /// A version that changes with the content of the schema: at most 16 letters and digits in lower case.
    fn version(&self) -> String;

    /// Creates the schema in an empty database, and closes its connections. This function is not async; run
    /// async code with [`block_on_thread`].
    fn install(&self, database: PgConnectOptions);
}

/// A running PostgreSQL: `DATABASE_URL_TEST`, or a private cluster.
#[derive(Debug)]
pub struct TestCluster {
    /// `None` for `DATABASE_URL_TEST`, and after [`stop`](Self::stop).
    cluster: Option<PrivateCluster>,
    options: PgConnectOptions,
    /// The data directory of a dedicated cluster.
    owned_directory: Option<PathBuf>,
}

impl TestCluster {
    /// The server of `DATABASE_URL_TEST`, or else the cluster in cargo's target directory. The last process
    /// that uses that cluster stops it.
    pub async fn shared() -> Self {
        if let Ok(url) = std::env::var("DATABASE_URL_TEST") {
            return Self { cluster: None, options: url.parse().unwrap(), owned_directory: None };
        }
        let directory = target_directory().join("tmp/tenantry");
        let cluster = PrivateCluster::attach_or_start(&directory, Attach::Command).unwrap();
        accept_without_password(&directory.join("postgres/data"));
        Self { options: connect_options(&cluster), cluster: Some(cluster), owned_directory: None }
    }

    /// A dedicated cluster: it belongs to one test, and is in a new temporary directory.
    pub async fn dedicated() -> Self {
        let directory = std::env::temp_dir().join(format!("tenantry-test-{}", Uuid::now_v7().simple()));
        create_cluster_data(&directory);
        let cluster = PrivateCluster::attach_or_start(&directory, Attach::Command).unwrap();
        Self { options: connect_options(&cluster), cluster: Some(cluster), owned_directory: Some(directory) }
    }

    /// The options of a direct connection to a database.
    pub fn options(&self, database: &str) -> PgConnectOptions {
        self.options.clone().database(database)
    }

    /// The options of a superuser's connection to a database.
    pub fn superuser_options(&self, database: &str) -> PgConnectOptions {
        self.options(database).username("postgres")
    }

    /// The directory of a dedicated cluster. Tests may store files there.
    ///
    /// # Panics
    /// For the shared cluster.
    pub fn directory(&self) -> &Path {
        self.owned_directory.as_deref().expect("a dedicated cluster")
    }

    /// The directory of PostgreSQL's Unix socket.
    ///
    /// # Panics
    /// If PostgreSQL listens on TCP instead.
    pub fn socket_directory(&self) -> PathBuf {
        self.options.get_socket().expect("a Unix socket").clone()
    }

    /// A URL that connects to `database` by the socket in `socket_directory`, which PostgreSQL or a proxy
    /// created.
    pub fn url(&self, socket_directory: &Path, database: &str) -> String {
        let password = std::fs::read_to_string(self.socket_directory().with_file_name("password")).unwrap();
        let host = socket_directory.display().to_string().replace('/', "%2F");
        format!(
            "postgres://{}:{}@{host}:5432/{database}?sslmode=disable",
            self.options.get_username(),
            password.trim()
        )
    }

    /// Connects to a database directly.
    pub async fn connect(&self, database: &str) -> PgConnection {
        PgConnection::connect_with(&self.options(database)).await.unwrap()
    }

    /// Runs statements in the database that the cluster's URL names.
    pub async fn run(&self, sql: &str) {
        run(&mut PgConnection::connect_with(&self.options).await.unwrap(), sql).await;
    }

    /// Runs statements in a database.
    pub async fn run_in(&self, database: &str, sql: &str) {
        let mut connection = self.connect(database).await;
        run(&mut connection, sql).await;
        connection.close().await.unwrap();
    }

    /// Creates a database without a schema and returns its name.
    pub async fn create_empty(&self) -> String {
        let name = new_name();
        self.run(&format!("CREATE DATABASE {name}")).await;
        name
    }

    /// Creates a database with a schema and returns its name.
    pub async fn create_with(&self, schema: &impl TemplateSchema) -> String {
        let name = new_name();
        self.create_named(&name, schema).await;
        name
    }

    /// Creates a database of this name as a copy of the schema's template. Creates the template first if it
    /// does not exist.
    pub async fn create_named(&self, name: &str, schema: &impl TemplateSchema) {
        let mut connection = PgConnection::connect_with(&self.options).await.unwrap();
        run(&mut connection, &format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
        let template = self.find_or_create_template(&mut connection, schema).await;
        run(&mut connection, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        // Closing the connection releases the lock.
        connection.close().await.unwrap();
    }

    /// Returns the name of the schema's template. Creates the template if it does not exist.
    async fn find_or_create_template<S: TemplateSchema>(
        &self,
        connection: &mut PgConnection,
        schema: &S,
    ) -> String {
        let prefix = format!("tenantry_template_{}_", S::KIND);
        let name = format!("{prefix}{}", schema.version());
        let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&name)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        if !exists {
            drop_abandoned(connection, &prefix).await;
            // The database gets its final name last, so that a template with this name is always complete.
            let unfinished = format!("{name}_new");
            run(connection, &format!("CREATE DATABASE {unfinished}")).await;
            schema.install(self.options(&unfinished));
            // Ends the connection that installed the schema, which may still be closing: `RENAME` fails while
            // a database has connections.
            run(connection, &format!("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{unfinished}' AND usename = current_user")).await;
            run(connection, &format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await;
        }
        name
    }

    /// Drops a database and ends its connections.
    pub async fn drop_database(&self, name: &str) {
        let mut connection = PgConnection::connect_with(&self.options).await.unwrap();
        drop_database(&mut connection, name).await;
        connection.close().await.unwrap();
    }

    /// Sends a signal that ends the postmaster of a dedicated cluster, such as `-KILL` or `-QUIT`, and starts
    /// PostgreSQL again.
    pub async fn crash(&self, signal: &str) {
        let pid = self.postmaster_pid().expect("PostgreSQL runs");
        send_signal(signal, &pid);
        wait_for("the postmaster's end", || !std::fs::exists(format!("/proc/{pid}")).unwrap()).await;
        PrivateCluster::attach_or_start(self.directory(), Attach::Command).unwrap();
    }

    /// The process ID of the postmaster of a dedicated cluster.
    fn postmaster_pid(&self) -> Option<String> {
        postmaster_pid(&self.owned_directory.as_ref()?.join("postgres/data"))
    }

    /// Stops using the cluster. A dedicated cluster stops, and its directory is deleted.
    pub async fn stop(mut self) {
        if let Some(cluster) = self.cluster.take() {
            cluster.stop().unwrap();
        }
    }
}

/// Stops a dedicated cluster and deletes its directory, even if its test failed.
impl Drop for TestCluster {
    fn drop(&mut self) {
        if let Some(pid) = self.cluster.is_some().then(|| self.postmaster_pid()).flatten() {
            send_signal("-QUIT", &pid);
            if !std::thread::panicking() {
                block_until("PostgreSQL's end", || self.postmaster_pid().is_none());
            }
        }
        if let Some(directory) = &self.owned_directory {
            delete_data_directory(directory);
        }
    }
}

fn postmaster_pid(pgdata: &Path) -> Option<String> {
    let file = std::fs::read_to_string(pgdata.join("postmaster.pid")).ok()?;
    file.lines().next().map(str::to_owned)
}

/// Makes the cluster accept connections without a password. `DROP DATABASE` waits for every connection that is
/// being authenticated, up to `authentication_timeout`. A test may end, and drop its database, while one of its
/// background tasks connects and cannot continue.
fn accept_without_password(pgdata: &Path) {
    const RULES: &str = "local all all trust\n";
    let file = pgdata.join("pg_hba.conf");
    if std::fs::read_to_string(&file).unwrap() != RULES {
        std::fs::write(file, RULES).unwrap();
        send_signal("-HUP", &postmaster_pid(pgdata).expect("PostgreSQL runs"));
    }
}

fn connect_options(cluster: &PrivateCluster) -> PgConnectOptions {
    cluster.url().expose_secret().parse().unwrap()
}

/// Runs a future on a new thread with its own runtime, and blocks until the future completes. For code that
/// is not async, and for futures that are not `Send`.
///
/// # Panics
/// If the future panics, unless the calling thread is already panicking.
pub fn block_on_thread<F: Future<Output = ()>>(future: impl FnOnce() -> F + Send + 'static) {
    let thread = std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future());
    });
    let result = thread.join();
    if !std::thread::panicking() {
        result.unwrap();
    }
}

/// Sends a signal to a process that may have ended.
pub fn send_signal(signal: &str, pid: &str) {
    let _ = Command::new("kill").args([signal, pid]).output();
}

/// A new database name that contains the current time.
fn new_name() -> String {
    format!("{DATABASE_PREFIX}{}", Uuid::now_v7().simple())
}

/// Drops the databases of killed tests, and the templates with this prefix.
async fn drop_abandoned(connection: &mut PgConnection, template_prefix: &str) {
    let names: Vec<String> = sqlx::query_scalar("SELECT datname::text FROM pg_database")
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    for name in names {
        if name.starts_with(template_prefix) || name.strip_prefix(DATABASE_PREFIX).is_some_and(is_abandoned) {
            drop_database(connection, &name).await;
        }
    }
}

fn is_abandoned(id: &str) -> bool {
    let created =
        Uuid::try_parse(id).ok().and_then(|id| id.get_timestamp()).map_or(0, |time| time.to_unix().0);
    std::time::UNIX_EPOCH.elapsed().unwrap() > Duration::from_secs(created) + ABANDONED_AFTER
}

/// Drops a database and ends its connections. PostgreSQL refuses to end an autovacuum worker (SQLSTATE
/// 42501), so this function waits until the worker has ended.
async fn drop_database(connection: &mut PgConnection, name: &str) {
    let sql = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
    let description = format!("the end of autovacuum in {name}");
    let poll = Poll::new(&description);
    while let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut *connection).await {
        let code = error.as_database_error().and_then(|error| error.code());
        assert!(code.is_some_and(|code| code == "42501"), "{error}");
        poll.pause().await;
    }
}

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}
