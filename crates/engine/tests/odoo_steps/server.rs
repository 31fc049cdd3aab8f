//! One PostgreSQL and one Odoo for all tests of a process.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use engine::{Engine, MasterKey};
use private_postgres::{Attach, PrivateCluster};
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use test_support::reserved_port::ReservedPort;
use tokio::sync::OnceCell;
use url::Url;
use uuid::Uuid;

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
    _port: ReservedPort,
    /// Stops Odoo and PostgreSQL when its standard input closes, which happens when this process ends.
    _supervisor: Child,
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
    let directory = std::env::temp_dir().join(format!("tenantry-odoo-{}", Uuid::now_v7().simple()));
    let cluster = PrivateCluster::attach_or_start(&directory, Attach::Command).unwrap();
    let options: PgConnectOptions = cluster.url().expose_secret().parse().unwrap();
    let home = fs::canonicalize(directory.join("postgres")).unwrap();
    let reserved = ReservedPort::new();
    let port = reserved.address().port();
    let environment = [
        ("ODOO_PORT", port.to_string()),
        ("ODOO_DATA", directory.join("files").display().to_string()),
        ("ODOO_PGHOST", options.get_socket().unwrap().display().to_string()),
        ("ODOO_PGPORT", options.get_port().to_string()),
        ("ODOO_PGUSER", options.get_username().to_owned()),
        ("ODOO_PGPASSWORD", fs::read_to_string(home.join("password")).unwrap().trim().to_owned()),
    ];
    // Starts the supervisor before anything that may fail, because the supervisor cleans up.
    let supervisor = supervise(&directory, &home, &environment);
    let restored = script("restore").arg(TEMPLATE).envs(environment.clone()).output().unwrap();
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let key = fs::read_to_string(String::from_utf8(restored.stdout).unwrap().trim()).unwrap();
    let url = Url::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let odoo = Odoo { url, key: key.trim().to_owned(), options, _port: reserved, _supervisor: supervisor };
    odoo.prepare().await;
    odoo.wait_until_reachable(&directory).await;
    Ok(odoo)
}

fn script(name: &str) -> Command {
    let engine = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap());
    Command::new(engine.join("../../scripts/odoo").join(name))
}

/// Runs Odoo until this process ends, then stops PostgreSQL and removes the files.
fn supervise(directory: &Path, home: &Path, environment: &[(&str, String)]) -> Child {
    const SCRIPT: &str = r#"trap '' INT HUP
        "$1" >"$2/odoo.log" 2>&1 & odoo=$!
        cat >/dev/null
        kill "$odoo"; wait "$odoo"
        postgres=$(head -n 1 "$3/data/postmaster.pid"); kill -INT "$postgres"
        while kill -0 "$postgres"; do sleep 0.1; done
        rm -rf "$3" "$2""#;
    Command::new("sh")
        .args(["-c", SCRIPT, "supervisor"])
        .args([script("serve").get_program(), directory.as_os_str(), home.as_os_str()])
        .envs(environment.iter().cloned())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

impl Odoo {
    /// Creates Tenantry's schema, a template that can be copied, and the tenant registry.
    async fn prepare(&self) {
        let engine = self.engine();
        engine.migrate().await.unwrap();
        engine.close().await;
        self.run("tenantry", &format!("ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS false")).await;
        self.copy_template(OPS).await;
    }

    pub(crate) async fn copy_template(&self, name: &str) {
        self.run(
            "tenantry",
            &format!("CREATE DATABASE \"{name}\" TEMPLATE {TEMPLATE}; ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS true"),
        )
        .await;
    }

    /// Waits until Odoo accepts connections.
    async fn wait_until_reachable(&self, directory: &Path) {
        let deadline = Instant::now() + Duration::from_secs(180);
        while tokio::net::TcpStream::connect(self.url.authority()).await.is_err() {
            assert!(Instant::now() < deadline, "{}", fs::read_to_string(directory.join("odoo.log")).unwrap());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A new engine on Tenantry's database, because connections belong to the runtime of one test.
    pub(crate) fn engine(&self) -> Engine {
        Engine::new(self.options.clone(), 4, 1, MasterKey::new([7; 32]))
    }

    /// Runs statements, each in its own transaction.
    pub(crate) async fn run(&self, database: &str, sql: &str) {
        let mut connection = self.connect(database).await;
        for statement in sql.split(';') {
            sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
    }

    /// The rows of a query as JSON.
    pub(crate) async fn rows(&self, database: &str, sql: &str) -> Vec<serde_json::Value> {
        let mut connection = self.connect(database).await;
        let sql = format!("SELECT to_jsonb(found) FROM ({sql}) found");
        let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        rows
    }

    async fn connect(&self, database: &str) -> PgConnection {
        PgConnection::connect_with(&self.options.clone().database(database)).await.unwrap()
    }
}
