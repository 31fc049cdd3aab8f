//! One PostgreSQL and one Odoo for all tests of the process.

use std::{
    env, fs,
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use engine::{Engine, MasterKey};
use private_postgres::{Attach, PrivateCluster};
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::sync::OnceCell;
use url::Url;
use uuid::Uuid;

/// The database that lists tenants.
pub const OPS: &str = "ops";
const TEMPLATE: &str = "odoo_template";
/// How `scripts/odoo/setup` says that Odoo cannot be had here.
const CANNOT_BE_HAD: i32 = 75;

pub struct Odoo {
    pub url: Url,
    /// A key of the template's admin, and so of every copy's.
    pub key: String,
    options: PgConnectOptions,
    /// Ends everything once this process, and with it the other end of its standard input, is gone.
    _keeper: Child,
}

/// Or why it cannot be had.
static ODOO: OnceCell<Result<Odoo, String>> = OnceCell::const_new();

/// The Odoo of this process; none where it cannot be had and is not demanded.
pub async fn odoo() -> Option<&'static Odoo> {
    match ODOO.get_or_init(start).await {
        Ok(odoo) => Some(odoo),
        Err(why) => {
            assert!(std::env::var_os("TENANTRY_DEMAND_ODOO").is_none(), "{why}");
            None
        }
    }
}

async fn start() -> Result<Odoo, String> {
    let setup = script("setup").output().unwrap();
    if setup.status.code() == Some(CANNOT_BE_HAD) {
        let why = String::from_utf8_lossy(&setup.stderr).lines().last().unwrap_or_default().to_owned();
        // Past the test harness, which keeps what a passing test prints to itself.
        let skipped = format!("\nSKIPPED: the tests against a real Odoo ({why})\n");
        std::io::stderr().write_all(skipped.as_bytes()).unwrap();
        return Err(why);
    }
    assert!(setup.status.success(), "{}", String::from_utf8_lossy(&setup.stderr));
    let folder = std::env::temp_dir().join(format!("tenantry-odoo-{}", Uuid::now_v7().simple()));
    let cluster = PrivateCluster::attach_or_start(&folder, Attach::Command).unwrap();
    let options: PgConnectOptions = cluster.url().expose_secret().parse().unwrap();
    let home = fs::canonicalize(folder.join("postgres")).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let environment = [
        ("ODOO_PORT", port.to_string()),
        ("ODOO_DATA", folder.join("files").display().to_string()),
        ("ODOO_PGHOST", options.get_socket().unwrap().display().to_string()),
        ("ODOO_PGPORT", options.get_port().to_string()),
        ("ODOO_PGUSER", options.get_username().to_owned()),
        ("ODOO_PGPASSWORD", fs::read_to_string(home.join("password")).unwrap().trim().to_owned()),
    ];
    // Before anything that may fail: it clears away what stands here.
    let keeper = keep(&folder, &home, &environment);
    let restored = script("restore").arg(TEMPLATE).envs(environment.clone()).output().unwrap();
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let key = fs::read_to_string(String::from_utf8(restored.stdout).unwrap().trim()).unwrap();
    let url = Url::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let odoo = Odoo { url, key: key.trim().to_owned(), options, _keeper: keeper };
    odoo.prepare().await;
    odoo.wait(&folder).await;
    Ok(odoo)
}

fn script(name: &str) -> Command {
    let engine = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap());
    Command::new(engine.join("../../scripts/odoo").join(name))
}

/// Serves Odoo until this process ends, however it ends; then stops PostgreSQL and clears away.
fn keep(folder: &Path, home: &Path, environment: &[(&str, String)]) -> Child {
    const KEEP: &str = r#"trap '' INT HUP
        "$1" >"$2/odoo.log" 2>&1 & odoo=$!
        cat >/dev/null
        kill "$odoo"; wait "$odoo"
        postgres=$(head -n 1 "$3/data/postmaster.pid"); kill -INT "$postgres"
        while kill -0 "$postgres"; do sleep 0.1; done
        rm -rf "$3" "$2""#;
    Command::new("sh")
        .args(["-c", KEEP, "keeper"])
        .args([script("serve").get_program(), folder.as_os_str(), home.as_os_str()])
        .envs(environment.iter().cloned())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

impl Odoo {
    /// Tenantry's schema, a template that can be copied, and the list of tenants.
    async fn prepare(&self) {
        let engine = self.engine();
        engine.migrate().await.unwrap();
        engine.close().await;
        self.run("tenantry", &format!("ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS false")).await;
        self.copy_template(OPS).await;
    }

    pub async fn copy_template(&self, name: &str) {
        self.run(
            "tenantry",
            &format!("CREATE DATABASE \"{name}\" TEMPLATE {TEMPLATE}; ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS true"),
        )
        .await;
    }

    /// Waits until Odoo answers.
    async fn wait(&self, folder: &Path) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while tokio::net::TcpStream::connect(self.url.authority()).await.is_err() {
            assert!(Instant::now() < deadline, "{}", fs::read_to_string(folder.join("odoo.log")).unwrap());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// An engine on Tenantry's own database: connections belong to a test's runtime.
    pub fn engine(&self) -> Engine {
        Engine::new(self.options.clone(), 4, 1, MasterKey::new([7; 32]))
    }

    /// Runs statements one after the other, each in its own transaction.
    pub async fn run(&self, database: &str, sql: &str) {
        let mut connection = self.connect(database).await;
        for statement in sql.split(';') {
            sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
    }

    /// The rows that a query answers, each as JSON.
    pub async fn rows(&self, database: &str, sql: &str) -> Vec<serde_json::Value> {
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
