//! A primary, a standby that follows it, and the standby's promotion (SPEC section 2).

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use database::Servers;
use engine::{
    Engine, MasterKey,
    access::Principal,
    provisioning::{ProvisionRequest, provision},
};
use private_postgres::{Attach, PrivateCluster};
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use uuid::Uuid;

use crate::support::{ORIGIN, created, draft, order};

/// Two data directories, gone with this value.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Copies the running primary into a data directory that starts as its standby.
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
    let hosts = data_dirs.map(|folder| folder.join("postgres/run").display().to_string().replace('/', "%2F"));
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

async fn super_admin(primary: &PrivateCluster) -> Principal {
    let admin = Principal { employee_id: Uuid::now_v7(), name: "Ada".into(), role: domain::Role::SuperAdmin };
    let mut connection = PgConnection::connect_with(&options(primary)).await.unwrap();
    sqlx::query("INSERT INTO tenantry.employees (id, kind, name, role) VALUES ($1, 'service', 'Ada', $2)")
        .bind(admin.employee_id)
        .bind(admin.role.as_str())
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    admin
}

#[tokio::test]
async fn of_several_servers_the_one_that_takes_writes_is_used_also_after_a_failover() {
    let folder = Folder(std::env::temp_dir().join(format!("tenantry-failover-{}", Uuid::now_v7().simple())));
    let (one, two) = (folder.0.join("one"), folder.0.join("two"));
    let primary = PrivateCluster::attach_or_start(&one, Attach::Command).unwrap();
    copy_as_standby(primary.programs(), &one, &two);
    let standby = PrivateCluster::attach_or_start(&two, Attach::Command).unwrap();

    // The URL names first the one that takes no writes.
    let servers: Servers = url([&two, &one]).parse().unwrap();
    let engine = Engine::new(servers, 4, 1, MasterKey::new([7; 32]));
    engine.find_writable_server().await;
    engine.migrate().await.unwrap();
    let admin = super_admin(&primary).await;
    created(provision(&engine, &admin, order(draft("before")), ORIGIN).await);

    primary.stop().unwrap();
    promote(&standby).await;
    tokio::select! {
        () = engine.clone().watch_database() => {}
        () = provision_as_soon_as_possible(&engine, &admin, order(draft("after"))) => {}
    }

    let slugs: Vec<String> = sqlx::query_scalar("SELECT slug FROM tenants ORDER BY id")
        .fetch_all(&database::pool(options(&standby), 1))
        .await
        .unwrap();
    assert_eq!(slugs, ["before", "after"]);
    engine.close().await;
    standby.stop().unwrap();
}

/// Sends the order until it is taken; 20 s at most.
async fn provision_as_soon_as_possible(engine: &Engine, by: &Principal, order: ProvisionRequest) {
    let begun = Instant::now();
    while let Err(error) = provision(engine, by, order.clone(), ORIGIN).await {
        assert_eq!(error.problem().code, domain::ErrorCode::DatabaseUnavailable, "{error:?}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{error:?}");
    }
}
