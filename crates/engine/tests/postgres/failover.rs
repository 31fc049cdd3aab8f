//! A primary and a standby, and the standby's promotion: `docs/specification.md`, section 2.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
};

use database::{Database, Servers};
use engine::{
    Engine, MasterKey,
    access::Employee,
    provisioning::{ProvisionRequest, provision},
};
use private_postgres::{Attach, PrivateCluster};
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

use test_support::{
    requests::{assert_created, draft, provision_request},
    test_database::ORIGIN,
    wait::wait_for_value,
};

/// A directory that is removed when this value is dropped.
struct Directory(PathBuf);

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Copies the running primary into the data directory of a new standby.
fn copy_as_standby(programs: &Path, primary: &Path, standby: &Path) {
    let (from, to) = (primary.join("postgres"), standby.join("postgres"));
    let owner = fs::metadata(&from).unwrap();
    fs::create_dir_all(&to).unwrap();
    fs::copy(from.join("password"), to.join("password")).unwrap();
    for path in [&to, &to.join("password")] {
        chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    let copied = Command::new(programs.join("pg_basebackup"))
        .args(["--write-recovery-conf", "--checkpoint=fast", "--username=postgres", "--pgdata"])
        .arg(to.join("data"))
        .arg("--host")
        .arg(from.join("run"))
        .env("PGPASSWORD", password(primary))
        .current_dir("/")
        .uid(owner.uid())
        .gid(owner.gid())
        .output()
        .unwrap();
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
}

fn password(data_dir: &Path) -> String {
    fs::read_to_string(data_dir.join("postgres/password")).unwrap().trim().to_owned()
}

/// The URL of a database with these servers.
fn url(data_dirs: [&Path; 2]) -> String {
    let hosts =
        data_dirs.map(|directory| directory.join("postgres/run").display().to_string().replace('/', "%2F"));
    format!("postgres://tenantry:{}@{}/tenantry", password(data_dirs[0]), hosts.join(","))
}

fn options(cluster: &PrivateCluster) -> PgConnectOptions {
    cluster.url().expose_secret().parse().unwrap()
}

async fn promote(standby: &PrivateCluster) {
    let superuser = options(standby).username("postgres").database("postgres");
    let mut connection = PgConnection::connect_with(&superuser).await.unwrap();
    let promoted: bool = sqlx::query_scalar("SELECT pg_promote()").fetch_one(&mut connection).await.unwrap();
    assert!(promoted);
    connection.close().await.unwrap();
}

async fn super_admin(primary: &PrivateCluster) -> Employee {
    let admin = Employee { id: Uuid::now_v7(), name: "Ada".into(), role: domain::Role::SuperAdmin };
    let mut connection = PgConnection::connect_with(&options(primary)).await.unwrap();
    sqlx::query("INSERT INTO tenantry.employees (id, kind, name, role) VALUES ($1, 'service', 'Ada', $2)")
        .bind(admin.id)
        .bind(admin.role.as_str())
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    admin
}

#[tokio::test]
async fn the_engine_uses_the_writable_server_before_and_after_a_failover() {
    let directory =
        Directory(std::env::temp_dir().join(format!("tenantry-failover-{}", Uuid::now_v7().simple())));
    let (one, two) = (directory.0.join("one"), directory.0.join("two"));
    let primary = PrivateCluster::attach_or_start(&one, Attach::Command).unwrap();
    copy_as_standby(primary.programs(), &one, &two);
    let standby = PrivateCluster::attach_or_start(&two, Attach::Command).unwrap();

    // The URL names the standby first.
    let servers: Servers = url([&two, &one]).parse().unwrap();
    let engine = Engine::new(servers, 4, 1, MasterKey::new([7; 32]));
    engine.switch_to_writable_server().await;
    engine.migrate().await.unwrap();
    let admin = super_admin(&primary).await;
    assert_created(provision(&engine, &admin, provision_request(draft("before")), ORIGIN).await);

    primary.stop().unwrap();
    promote(&standby).await;
    tokio::select! {
        () = engine.clone().watch_database() => {}
        () = provision_when_available(&engine, &admin, provision_request(draft("after"))) => {}
    }

    let slugs: Vec<String> = sqlx::query_scalar("SELECT slug FROM tenants ORDER BY id")
        .fetch_all(&Database::new(options(&standby), 1).pool())
        .await
        .unwrap();
    assert_eq!(slugs, ["before", "after"]);
    engine.close().await;
    standby.stop().unwrap();
}

/// Retries the request until the database is available.
async fn provision_when_available(engine: &Engine, by: &Employee, request: ProvisionRequest) {
    wait_for_value("the new primary", async || {
        let error = provision(engine, by, request.clone(), ORIGIN).await.err();
        let Some(error) = error else { return Some(()) };
        assert_eq!(error.problem().code, domain::ErrorCode::DatabaseUnavailable, "{error:?}");
        None
    })
    .await;
}
