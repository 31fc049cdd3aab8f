//! A real `tenantry worker` process, and the signals that tests send to it.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use test_support::{
    fake_services::{
        FakeServices, ODOO18_LOGIN, ODOO18_PASSWORD, ODOO19_DATABASE, ODOO19_KEY, ODOO19_LOGIN, TOKEN,
    },
    test_database::MASTER_KEY,
    wait::{wait_for, wait_for_future},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// The settings of a worker whose steps call these services. The caller adds the settings for copying
/// databases.
pub(crate) fn environment(
    services: &FakeServices,
    database_url: String,
    directory: &Path,
    lease_seconds: u32,
) -> Vec<(&'static str, String)> {
    let url = services.url().to_string();
    vec![
        ("DATABASE_URL", database_url),
        ("TENANTRY_DATA_DIR", directory.join("data").display().to_string()),
        ("TENANTRY_MASTER_KEY", MASTER_KEY.iter().map(|byte| format!("{byte:02x}")).collect()),
        ("TENANTRY_POOL_SIZE", "3".to_owned()),
        // Each worker needs a connection, and the many processes of this test share one cluster.
        ("TENANTRY_MAIL_WORKERS", "0".to_owned()),
        ("TENANTRY_LEASE_SECONDS", lease_seconds.to_string()),
        ("TENANTRY_LOG_FORMAT", "json".to_owned()),
        ("TENANTRY_ODOO18_URL", url.clone()),
        ("TENANTRY_ODOO18_LOGIN", ODOO18_LOGIN.to_owned()),
        ("TENANTRY_ODOO18_PASSWORD", ODOO18_PASSWORD.to_owned()),
        ("TENANTRY_ODOO19_URL", url.clone()),
        ("TENANTRY_ODOO19_DATABASE", ODOO19_DATABASE.to_owned()),
        ("TENANTRY_ODOO19_LOGIN", ODOO19_LOGIN.to_owned()),
        ("TENANTRY_ODOO19_KEY", ODOO19_KEY.to_owned()),
        ("TENANTRY_ODOO19_BUSINESS_BASE_URL", "https://business.example".to_owned()),
        ("TENANTRY_BRIDGE_URL", url),
        ("TENANTRY_BRIDGE_TOKEN", TOKEN.to_owned()),
    ]
}

/// The settings of a worker that copies databases with the copy service.
pub(crate) fn copy_service_settings(services: &FakeServices) -> [(&'static str, String); 2] {
    [
        ("TENANTRY_COPY_SERVICE_URL", services.url().to_string()),
        ("TENANTRY_COPY_SERVICE_TOKEN", TOKEN.to_owned()),
    ]
}

#[derive(Debug)]
pub(crate) struct WorkerProcess {
    child: Child,
    log: PathBuf,
}

impl WorkerProcess {
    /// Starts a worker with these settings, and waits until it is ready.
    pub(crate) async fn start(settings: &[(&str, String)], log: PathBuf) -> Self {
        let built = env!("CARGO_BIN_EXE_tenantry");
        let mut command = Command::new(std::env::var("TENANTRY_BIN").unwrap_or_else(|_| built.to_owned()));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TENANTRY_")) {
            command.env_remove(name);
        }
        command.args(["worker", "--workers", "1"]).envs(settings.iter().map(|(name, value)| (name, value)));
        command.stdout(Stdio::piped()).stderr(std::fs::File::create(&log).unwrap()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
        let worker = Self { child, log };
        assert!(line.starts_with("Workers running"), "{line}{}", worker.log());
        worker
    }

    /// Sends SIGKILL, and waits until the worker has ended.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends SIGSTOP.
    pub(crate) async fn pause(&self) {
        self.send("-STOP").await;
    }

    /// Sends SIGCONT.
    pub(crate) async fn resume(&self) {
        self.send("-CONT").await;
    }

    /// Sends SIGTERM, and waits for the orderly shutdown.
    pub(crate) async fn stop(mut self) {
        self.send("-TERM").await;
        let status = wait_for_future("the worker to shut down", self.child.wait()).await.unwrap();
        assert!(status.success(), "the worker failed: {}", self.log());
    }

    async fn send(&self, signal: &str) {
        let pid = self.child.id().expect("the worker runs").to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().await.unwrap().success());
    }

    /// Waits until the worker has logged the end of an attempt.
    pub(crate) async fn wait_for_attempt_log(&self, step: &str, attempt: u32) {
        let lines = [",", "}"].map(|end| format!("\"step\":\"{step}\",\"attempt\":{attempt}{end}"));
        wait_for(&format!("the end of {step} {attempt} in {}", self.log.display()), || {
            lines.iter().any(|line| self.log().contains(line))
        })
        .await;
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}
