//! One PostgreSQL and one Odoo for all tests of this binary, which run in several processes. The first process
//! starts them. They stop when no process uses them.

use std::{
    env,
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use engine::{Engine, MasterKey};
use private_postgres::{Attach, PrivateCluster};
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use test_support::{
    prepared_cluster::{create_cluster_data, delete_data_directory},
    reserved_port::ReservedPort,
};
use tokio::sync::OnceCell;
use url::Url;

/// The database with the tenant registry.
pub(crate) const OPS: &str = "ops";
const TEMPLATE: &str = "odoo_template";
/// The exit status of `scripts/odoo/setup` if Odoo cannot be installed.
const NOT_AVAILABLE: i32 = 75;

pub(crate) struct Odoo {
    pub url: Url,
    /// An API key of the template's admin. Every copy contains the same key.
    pub key: String,
    options: PgConnectOptions,
    /// While a process has a shared lock of this file, Odoo runs.
    _in_use: File,
}

/// The running Odoo, or the reason why it is not available.
static ODOO: OnceCell<Result<Odoo, String>> = OnceCell::const_new();

/// Returns the Odoo of this process, or `None` if it is neither available nor required.
pub(crate) async fn odoo() -> Option<&'static Odoo> {
    match ODOO.get_or_init(start).await {
        Ok(odoo) => Some(odoo),
        Err(reason) => {
            assert!(std::env::var_os("TENANTRY_REQUIRE_ODOO").is_none(), "{reason}");
            None
        }
    }
}

async fn start() -> Result<Odoo, String> {
    let setup = script("setup").output().unwrap();
    if setup.status.code() == Some(NOT_AVAILABLE) {
        let reason = String::from_utf8_lossy(&setup.stderr).lines().last().unwrap_or_default().to_owned();
        // Writes directly to standard error, because the test harness hides the output of tests that pass.
        let skipped = format!("\nSKIPPED: the tests against a real Odoo ({reason})\n");
        std::io::stderr().write_all(skipped.as_bytes()).unwrap();
        return Err(reason);
    }
    assert!(setup.status.success(), "{}", String::from_utf8_lossy(&setup.stderr));
    let directory = directory();
    let starting = File::create(directory.with_extension("starting")).unwrap();
    starting.lock().unwrap();
    let in_use = directory.with_extension("in-use");
    // Waits while the supervisor of an earlier Odoo removes its files.
    let lock = File::create(&in_use).unwrap();
    lock.lock_shared().unwrap();
    let port = directory.join("port");
    let is_running = fs::read_to_string(&port).is_ok_and(|port| accepts_connections(&port));
    if !is_running {
        delete_data_directory(&directory);
        create_cluster_data(&directory);
    }
    let cluster = PrivateCluster::attach_or_start(&directory, Attach::Command).unwrap();
    let options: PgConnectOptions = cluster.url().expose_secret().parse().unwrap();
    if !is_running {
        start_odoo(&directory, &in_use, &options).await;
    }
    let url = Url::parse(&format!("http://127.0.0.1:{}", fs::read_to_string(port).unwrap())).unwrap();
    let key = fs::read_to_string(directory.join("key")).unwrap();
    Ok(Odoo { url, key, options, _in_use: lock })
}

/// The data directory of this binary's Odoo.
fn directory() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    env::current_exe().unwrap().hash(&mut hasher);
    env::temp_dir().join(format!("tenantry-odoo-{:x}", hasher.finish()))
}

fn accepts_connections(port: &str) -> bool {
    std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_ok()
}

/// Starts Odoo, then stores its port and its API key in the directory.
async fn start_odoo(directory: &Path, in_use: &Path, options: &PgConnectOptions) {
    let home = fs::canonicalize(directory.join("postgres")).unwrap();
    // Odoo uses the port before the reservation ends.
    let reserved = ReservedPort::new();
    let port = reserved.address().port().to_string();
    let environment = [
        ("ODOO_PORT", port.clone()),
        ("ODOO_DATA", directory.join("files").display().to_string()),
        ("ODOO_PGHOST", options.get_socket().unwrap().display().to_string()),
        ("ODOO_PGPORT", options.get_port().to_string()),
        ("ODOO_PGUSER", options.get_username().to_owned()),
        ("ODOO_PGPASSWORD", fs::read_to_string(home.join("password")).unwrap().trim().to_owned()),
    ];
    // Starts the supervisor before anything that may fail, because the supervisor cleans up.
    supervise(directory, &home, in_use, &environment);
    let restored = script("restore").arg(TEMPLATE).envs(environment).output().unwrap();
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let key = fs::read_to_string(String::from_utf8(restored.stdout).unwrap().trim()).unwrap();
    prepare(options).await;
    wait_until_reachable(&port, directory).await;
    fs::write(directory.join("key"), key.trim()).unwrap();
    fs::write(directory.join("port"), port).unwrap();
}

fn script(name: &str) -> Command {
    let engine = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap());
    Command::new(engine.join("../../scripts/odoo").join(name))
}

/// Runs Odoo until no process has a lock of the file `in_use`, then stops PostgreSQL and removes the files.
#[expect(clippy::zombie_processes, reason = "the shell outlives this process, which other tests may follow")]
fn supervise(directory: &Path, home: &Path, in_use: &Path, environment: &[(&str, String)]) {
    const SCRIPT: &str = r#"trap '' INT HUP
        "$1" >"$2/odoo.log" 2>&1 & odoo=$!
        exec 9>"$4"; flock 9
        kill "$odoo"; wait "$odoo"
        postgres=$(head -n 1 "$3/data/postmaster.pid"); kill -INT "$postgres"
        while kill -0 "$postgres"; do sleep 0.1; done
        rm -rf "$3" "$2""#;
    Command::new("sh")
        .args(["-c", SCRIPT, "supervisor"])
        .args([script("serve").get_program(), directory.as_os_str(), home.as_os_str(), in_use.as_os_str()])
        .envs(environment.iter().cloned())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
}

/// Creates Tenantry's schema, a template that can be copied, and the tenant registry.
async fn prepare(options: &PgConnectOptions) {
    let engine = new_engine(options);
    engine.migrate().await.unwrap();
    engine.close().await;
    run(options, &format!("ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS false")).await;
    copy_template(options, OPS).await;
}

async fn copy_template(options: &PgConnectOptions, name: &str) {
    let copy = format!("CREATE DATABASE \"{name}\" TEMPLATE {TEMPLATE}");
    run(options, &format!("{copy}; ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS true")).await;
}

/// Waits until Odoo accepts connections.
async fn wait_until_reachable(port: &str, directory: &Path) {
    let deadline = Instant::now() + Duration::from_secs(180);
    while !accepts_connections(port) {
        assert!(Instant::now() < deadline, "{}", fs::read_to_string(directory.join("odoo.log")).unwrap());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn new_engine(options: &PgConnectOptions) -> Engine {
    Engine::new(options.clone(), 4, 1, MasterKey::new([7; 32]))
}

/// Runs statements, each in its own transaction.
async fn run(options: &PgConnectOptions, sql: &str) {
    let mut connection = PgConnection::connect_with(options).await.unwrap();
    for statement in sql.split(';') {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}

impl Odoo {
    pub(crate) async fn copy_template(&self, name: &str) {
        copy_template(&self.options, name).await;
    }

    /// A new engine on Tenantry's database, because connections belong to the runtime of one test.
    pub(crate) fn engine(&self) -> Engine {
        new_engine(&self.options)
    }

    /// Runs statements in a database, each in its own transaction.
    pub(crate) async fn run(&self, database: &str, sql: &str) {
        run(&self.options.clone().database(database), sql).await;
    }

    /// The rows of a query as JSON.
    pub(crate) async fn rows(&self, database: &str, sql: &str) -> Vec<serde_json::Value> {
        let options = self.options.clone().database(database);
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        let sql = format!("SELECT to_jsonb(found) FROM ({sql}) found");
        let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        rows
    }
}
