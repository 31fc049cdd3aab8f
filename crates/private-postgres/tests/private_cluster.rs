//! Tests with real PostgreSQL programs. They pass for root and for any other user.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use private_postgres::{Attach, ClusterError, PrivateCluster};
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

/// The directory of one test, deleted at its end.
struct TestDirectory(PathBuf);

impl TestDirectory {
    fn new(mode: u32) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tenantry-cluster-{}-{number}", process::id());
        let path = std::env::temp_dir().join(name);
        fs::DirBuilder::new().mode(mode).create(&path).unwrap();
        Self(path)
    }

    fn data_dir(&self) -> PathBuf {
        self.0.join("data")
    }

    fn home(&self) -> PathBuf {
        self.data_dir().join("postgres")
    }

    fn pid_file(&self) -> PathBuf {
        self.home().join("data/postmaster.pid")
    }

    fn postmaster_pid(&self) -> Option<String> {
        let text = fs::read_to_string(self.pid_file()).ok()?;
        text.lines().next().map(str::to_owned)
    }

    fn attach(&self, attach: Attach) -> Result<PrivateCluster, ClusterError> {
        PrivateCluster::attach_or_start(&self.data_dir(), attach)
    }
}

impl Drop for TestDirectory {
    fn drop(&mut self) {
        if let Some(pid) = self.postmaster_pid() {
            signal("-QUIT", &pid);
        }
        if let Ok(target) = fs::read_link(self.home()) {
            let _ = fs::remove_dir_all(target);
        }
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn signal(name: &str, pid: &str) {
    let _ = Command::new("kill").args([name, pid]).output();
}

/// Kills a process and waits until it has ended. The command line of a zombie is empty.
fn kill(pid: &str) {
    signal("-KILL", pid);
    let deadline = Instant::now() + Duration::from_secs(60);
    while fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|command| !command.is_empty()) {
        assert!(Instant::now() < deadline, "process {pid} has not ended");
        thread::sleep(Duration::from_millis(10));
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

fn options(cluster: &PrivateCluster) -> PgConnectOptions {
    cluster.url().expose_secret().parse().unwrap()
}

async fn connect(cluster: &PrivateCluster) -> PgConnection {
    PgConnection::connect_with(&options(cluster)).await.unwrap()
}

async fn query_text(cluster: &PrivateCluster, query: &'static str) -> String {
    let mut connection = connect(cluster).await;
    let result = sqlx::query_scalar(query).fetch_one(&mut connection).await;
    connection.close().await.unwrap();
    result.unwrap()
}

fn assert_private(path: &Path) {
    let mode = fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
}

#[tokio::test]
async fn the_first_start_creates_a_utf8_database_and_a_role_that_is_not_a_superuser() {
    let directory = TestDirectory::new(0o755);
    let cluster = directory.attach(Attach::Serve).unwrap();
    let properties = "SELECT concat_ws(',', current_user, current_database(),
        current_setting('server_encoding'), current_setting('listen_addresses'),
        current_setting('data_checksums'), current_setting('fsync'), current_setting('TimeZone'),
        (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))";
    assert_eq!(query_text(&cluster, properties).await, "tenantry,tenantry,UTF8,,on,on,UTC,f");
    if !is_root() {
        assert_eq!(cluster.notice(), None);
    }
    cluster.stop().unwrap();
    assert_eq!(directory.postmaster_pid(), None);
}

#[tokio::test]
async fn only_the_owner_can_read_the_password_and_use_the_socket() {
    let directory = TestDirectory::new(0o755);
    let cluster = directory.attach(Attach::Command).unwrap();
    for name in ["", "password", "data", "run"] {
        assert_private(&directory.home().join(name));
    }
    let wrong = options(&cluster).password("wrong");
    assert!(PgConnection::connect_with(&wrong).await.is_err());
    cluster.stop().unwrap();
}

#[tokio::test]
async fn data_survives_a_restart() {
    let directory = TestDirectory::new(0o755);
    let cluster = directory.attach(Attach::Serve).unwrap();
    let mut connection = connect(&cluster).await;
    sqlx::raw_sql("CREATE TABLE kept AS SELECT 'here' AS word").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    cluster.stop().unwrap();

    let cluster = directory.attach(Attach::Serve).unwrap();
    assert_eq!(query_text(&cluster, "SELECT word FROM kept").await, "here");
    cluster.stop().unwrap();
}

#[tokio::test]
async fn the_database_keeps_running_for_the_server_after_a_command_stops() {
    let directory = TestDirectory::new(0o755);
    let server = directory.attach(Attach::Serve).unwrap();
    let pid = directory.postmaster_pid();
    let command = directory.attach(Attach::Command).unwrap();
    assert_eq!(query_text(&command, "SELECT 'yes'").await, "yes");
    command.stop().unwrap();
    assert_eq!(query_text(&server, "SELECT 'running'").await, "running");
    assert_eq!(directory.postmaster_pid(), pid);
    server.stop().unwrap();
    assert_eq!(directory.postmaster_pid(), None);
}

#[tokio::test]
async fn the_database_keeps_running_for_a_command_after_the_server_stops() {
    let directory = TestDirectory::new(0o755);
    let server = directory.attach(Attach::Serve).unwrap();
    let command = directory.attach(Attach::Command).unwrap();
    server.stop().unwrap();
    assert_eq!(query_text(&command, "SELECT 'running'").await, "running");
    command.stop().unwrap();
    assert_eq!(directory.postmaster_pid(), None);
}

#[tokio::test]
async fn a_second_server_fails_and_names_the_first_process() {
    let directory = TestDirectory::new(0o755);
    let server = directory.attach(Attach::Serve).unwrap();
    let message = directory.attach(Attach::Serve).unwrap_err().to_string();
    assert!(message.contains(&directory.data_dir().display().to_string()), "{message}");
    assert!(message.contains(&process::id().to_string()), "{message}");
    server.stop().unwrap();
    directory.attach(Attach::Serve).unwrap().stop().unwrap();
}

#[tokio::test]
async fn concurrent_first_starts_create_one_cluster() {
    let directory = TestDirectory::new(0o755);
    let directory = &directory;
    let clusters = thread::scope(|scope| {
        let starts = [Attach::Serve, Attach::Command, Attach::Command]
            .map(|attach| scope.spawn(move || directory.attach(attach).unwrap()));
        starts.map(|start| start.join().unwrap())
    });
    let system = "SELECT system_identifier::text FROM pg_control_system()";
    let first = query_text(&clusters[0], system).await;
    for cluster in &clusters {
        assert_eq!(query_text(cluster, system).await, first);
    }
    for cluster in clusters {
        cluster.stop().unwrap();
    }
    assert_eq!(directory.postmaster_pid(), None);
}

#[tokio::test]
async fn the_next_start_attaches_to_the_cluster_of_a_killed_server() {
    let directory = TestDirectory::new(0o755);
    drop(directory.attach(Attach::Serve).unwrap());
    let pid = directory.postmaster_pid();
    let cluster = directory.attach(Attach::Serve).unwrap();
    assert_eq!(directory.postmaster_pid(), pid);
    assert_eq!(query_text(&cluster, "SELECT 'alive'").await, "alive");
    cluster.stop().unwrap();
    assert_eq!(directory.postmaster_pid(), None);
}

#[tokio::test]
async fn a_killed_postmaster_is_restarted() {
    let directory = TestDirectory::new(0o755);
    let cluster = directory.attach(Attach::Serve).unwrap();
    let pid = directory.postmaster_pid().unwrap();
    kill(&pid);
    drop(cluster);
    assert_eq!(directory.postmaster_pid(), Some(pid.clone()), "the stale file exists");
    let cluster = directory.attach(Attach::Serve).unwrap();
    assert_ne!(directory.postmaster_pid(), Some(pid));
    assert_eq!(query_text(&cluster, "SELECT 'again'").await, "again");
    cluster.stop().unwrap();
}

#[tokio::test]
async fn a_stale_pid_file_with_the_id_of_another_process_is_deleted() {
    let directory = TestDirectory::new(0o755);
    let cluster = directory.attach(Attach::Serve).unwrap();
    let text = fs::read_to_string(directory.pid_file()).unwrap();
    let pid = directory.postmaster_pid().unwrap();
    cluster.stop().unwrap();
    let other = process::id().to_string();
    fs::write(directory.pid_file(), text.replacen(&pid, &other, 1)).unwrap();
    fs::write(directory.home().join("run/.s.PGSQL.5432.lock"), format!("{other}\n")).unwrap();

    let cluster = directory.attach(Attach::Serve).unwrap();
    assert_ne!(directory.postmaster_pid(), Some(other));
    assert_eq!(query_text(&cluster, "SELECT 'again'").await, "again");
    cluster.stop().unwrap();
}

#[tokio::test]
async fn an_incomplete_cluster_is_replaced() {
    let directory = TestDirectory::new(0o755);
    let incomplete = directory.home().join("data.new");
    fs::create_dir_all(&incomplete).unwrap();
    fs::write(incomplete.join("PG_VERSION"), "15\n").unwrap();
    let cluster = directory.attach(Attach::Command).unwrap();
    assert_eq!(query_text(&cluster, "SELECT 'complete'").await, "complete");
    assert!(!incomplete.exists());
    cluster.stop().unwrap();
}

#[tokio::test]
async fn the_error_for_a_wrong_pg_bin_names_the_package_to_install() {
    let directory = TestDirectory::new(0o755);
    let pg_bin = Some(directory.0.as_path());
    let data_dir = directory.data_dir();
    let outcome = PrivateCluster::attach_or_start_with(&data_dir, Attach::Command, pg_bin);
    let message = outcome.unwrap_err().to_string();
    assert!(message.contains("postgresql-15"), "{message}");
    assert!(message.contains("PG_BIN"), "{message}");
}

#[tokio::test]
async fn the_error_for_a_missing_password_file_names_the_file() {
    let directory = TestDirectory::new(0o755);
    directory.attach(Attach::Command).unwrap().stop().unwrap();
    let password = directory.home().join("password");
    fs::remove_file(&password).unwrap();
    let message = directory.attach(Attach::Command).unwrap_err().to_string();
    assert!(message.contains(&password.display().to_string()), "{message}");
}

#[tokio::test]
async fn the_error_for_a_file_in_place_of_the_cluster_names_the_file() {
    let directory = TestDirectory::new(0o755);
    fs::create_dir(directory.data_dir()).unwrap();
    fs::write(directory.home(), "").unwrap();
    let error = directory.attach(Attach::Command).unwrap_err();
    let home = directory.home().canonicalize().unwrap();
    assert!(matches!(&error, ClusterError::NotADirectory { path } if *path == home), "{error}");
    assert!(error.to_string().starts_with(&format!("{} is not a directory", home.display())), "{error}");
}

#[tokio::test]
async fn a_data_directory_below_a_private_directory_works() {
    let directory = TestDirectory::new(0o700);
    for _ in 0..2 {
        let cluster = directory.attach(Attach::Serve).unwrap();
        assert_eq!(query_text(&cluster, "SELECT 'in'").await, "in");
        assert_eq!(cluster.notice().is_some(), is_root(), "{:?}", cluster.notice());
        cluster.stop().unwrap();
    }
}

#[tokio::test]
async fn a_path_may_be_too_long_for_a_socket_and_contain_special_characters() {
    let outer = TestDirectory::new(0o755);
    let odd = format!("it's $HOME; \"{}\" ü", "long".repeat(20));
    let directory = TestDirectory(outer.0.join(odd));
    let cluster = directory.attach(Attach::Serve).unwrap();
    let sockets = options(&cluster).get_socket().unwrap().clone();
    assert!(sockets.starts_with("/tmp"), "{}", sockets.display());
    assert_private(&sockets);
    assert_eq!(query_text(&cluster, "SELECT 'in'").await, "in");
    cluster.stop().unwrap();
    fs::remove_dir_all(sockets).unwrap();
}
