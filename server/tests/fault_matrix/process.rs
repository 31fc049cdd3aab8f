//! A real `tenantry worker`, and the signals that it gets.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{
    ground::KEY,
    pipeline::counterpart::{
        Counterpart, ODOO18_LOGIN, ODOO18_PASSWORD, ODOO19_DATABASE, ODOO19_KEY, ODOO19_LOGIN, TOKEN,
    },
};

/// The settings of a worker whose steps all lead to this outside; how it copies databases is for the
/// caller to add. A step belongs to it for `lease` seconds.
pub fn environment(
    outside: &Counterpart,
    database_url: String,
    folder: &Path,
    lease: u32,
) -> Vec<(&'static str, String)> {
    let url = outside.url().to_string();
    vec![
        ("DATABASE_URL", database_url),
        ("TENANTRY_DATA_DIR", folder.join("data").display().to_string()),
        ("TENANTRY_MASTER_KEY", KEY.iter().map(|byte| format!("{byte:02x}")).collect()),
        ("TENANTRY_POOL_SIZE", "4".to_owned()),
        ("TENANTRY_LEASE_SECONDS", lease.to_string()),
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

/// The settings by which it copies databases there too.
pub fn copy_service(outside: &Counterpart) -> [(&'static str, String); 2] {
    [
        ("TENANTRY_COPY_SERVICE_URL", outside.url().to_string()),
        ("TENANTRY_COPY_SERVICE_TOKEN", TOKEN.to_owned()),
    ]
}

#[derive(Debug)]
pub struct WorkerProcess {
    child: Child,
    log: PathBuf,
}

impl WorkerProcess {
    /// Starts one with these settings, and waits until it works.
    pub async fn start(settings: &[(&str, String)], log: PathBuf) -> Self {
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

    /// SIGKILL; it is gone when this returns.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGSTOP.
    pub async fn freeze(&self) {
        self.send("-STOP").await;
    }

    /// SIGCONT.
    pub async fn thaw(&self) {
        self.send("-CONT").await;
    }

    /// SIGTERM, and waits for the orderly end.
    pub async fn end(mut self) {
        self.send("-TERM").await;
        let ended = tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await;
        assert!(
            ended.is_ok_and(|status| status.unwrap().success()),
            "the worker did not end in order: {}",
            self.log()
        );
    }

    async fn send(&self, signal: &str) {
        let pid = self.child.id().expect("it runs").to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().await.unwrap().success());
    }

    /// Until it has told how an attempt of a step ended, as far as it knows.
    pub async fn has_ended(&self, step: &str, attempt: u32) {
        let told = [",", "}"].map(|end| format!("\"step\":\"{step}\",\"attempt\":{attempt}{end}"));
        let end = Instant::now() + Duration::from_secs(20);
        while !told.iter().any(|told| self.log().contains(told)) {
            assert!(Instant::now() < end, "nothing of {step} {attempt} in {}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}
