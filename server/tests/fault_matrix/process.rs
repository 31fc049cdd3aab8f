//! A real `tenantry worker`, and the signals that it gets.

use std::{
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

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
        assert!(line.starts_with("Workers at work"), "{line}{}", worker.log());
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
