use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::{Arc, Weak},
    time::Duration,
};

use reqwest::{Client, Method, RequestBuilder, redirect::Policy};
use serde_json::Value;
use tokio::sync::Mutex;

use super::{
    PASSWORD, Reply,
    folder::{Folder, send},
};

const BINARY: &str = env!("CARGO_BIN_EXE_tenantry");

/// The binary `tenantry serve`, with a data directory of its own. It ends with this value.
pub struct TestServer {
    /// What people type; links start with it.
    pub origin: String,
    /// Where requests go.
    address: String,
    pub folder: Folder,
    process: std::sync::Mutex<Process>,
    client: Client,
}

/// A command that runs on; it ends with this value.
pub struct Beside(Child);

impl Beside {
    /// Sends SIGTERM and waits for the orderly end.
    pub fn stop(&mut self) -> bool {
        send("-TERM", &self.0.id().to_string());
        self.0.wait().unwrap().success()
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Process {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl TestServer {
    /// The server that tests share as long as one of them runs.
    pub async fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<TestServer>> = Mutex::const_new(Weak::new());
        let mut shared = SHARED.lock().await;
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::start());
        *shared = Arc::downgrade(&server);
        server
    }

    /// A server that a test has for itself.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(env: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        // Free a moment ago, and known also where the origin is another.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let (process, origin) = launch(&folder, &address, &[], env);
        // The engine's features leave the choice to whoever makes a client; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(60));
        // Each test has a runtime of its own, and a connection dies with the runtime that opened it.
        let client = client.pool_max_idle_per_host(0).build().unwrap();
        Self { origin, address, folder, process: process.into(), client }
    }

    /// The one-time link, which is the line after the address.
    pub fn setup_path(&self) -> String {
        let line = next_line(&mut self.process.lock().unwrap().lines);
        let (_, link) = line.split_once(" at ").expect("a link");
        link.trim().strip_prefix(&self.origin).expect("an address of this server").to_owned()
    }

    /// What it wrote to standard error so far, and those before it in its folder.
    pub fn log(&self) -> String {
        log_of(&self.folder)
    }

    /// Kills the process with SIGKILL and starts another at the same address.
    pub fn kill_and_restart(&self) {
        let mut process = self.process.lock().unwrap();
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        *process = launch(&self.folder, &self.address, &[], &[]).0;
    }

    /// Ends it in order and starts another at the same address, with these arguments and variables.
    pub fn restart_with(&self, arguments: &[&str], env: &[(&str, &str)]) {
        assert!(self.stop());
        *self.process.lock().unwrap() = launch(&self.folder, &self.address, arguments, env).0;
    }

    /// Starts another command that runs on beside the server, and waits for its first line.
    pub fn start_beside(&self, arguments: &[&str], env: &[(&str, &str)]) -> Beside {
        let mut command = Command::new(BINARY);
        command.args(arguments).arg("--data-dir").arg(self.folder.path());
        let mut child = plain(&mut command)
            .envs(env.iter().copied())
            .stdout(Stdio::piped())
            .stderr(open_log(&self.folder))
            .spawn()
            .unwrap();
        let line = next_line(&mut BufReader::new(child.stdout.take().unwrap()));
        assert!(!line.is_empty(), "the command says that it runs");
        Beside(child)
    }

    /// Sends SIGTERM and waits for the orderly end.
    pub fn stop(&self) -> bool {
        let mut process = self.process.lock().unwrap();
        send("-TERM", &process.child.id().to_string());
        process.child.wait().unwrap().success()
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    pub async fn get(&self, path: &str, token: &str) -> Reply {
        self.send(self.request(Method::GET, path).bearer_auth(token)).await
    }

    /// Waits until the database is there with the right schema; ten seconds at most.
    pub async fn is_ready_soon(&self) {
        for _ in 0..100 {
            if self.get("/readyz", "").await.status == 200 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the server is not ready: {}", log_of(&self.folder));
    }

    /// What a browser's address bar asks for, with its cookie.
    pub async fn page(&self, path: &str, cookie: &str) -> Reply {
        self.send(self.request(Method::GET, path).header("accept", "text/html").header("cookie", cookie))
            .await
    }

    /// What a browser posts from one of our own forms.
    pub async fn post_form(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Reply {
        let request = self.request(Method::POST, path).form(fields);
        let request = request.header("accept", "text/html").header("origin", &self.origin);
        self.send(request.header("cookie", cookie)).await
    }

    pub async fn provision(&self, token: &str, key: &str, body: &Value) -> Reply {
        self.send(self.provisioning(token).header("idempotency-key", key).json(body)).await
    }

    pub fn provisioning(&self, token: &str) -> RequestBuilder {
        self.request(Method::POST, "/api/v1/admin/tenants").bearer_auth(token)
    }

    /// Calls a function as the pages do.
    pub async fn call(&self, function: &str, token: &str, arguments: &Value) -> Reply {
        let request = self.request(Method::POST, &format!("/api/fn/{function}")).json(arguments);
        let request = request.header("origin", &self.origin);
        self.send(if token.is_empty() { request } else { request.bearer_auth(token) }).await
    }

    pub async fn send(&self, request: RequestBuilder) -> Reply {
        Reply::read(request.send().await.expect("an answer")).await.expect("a body")
    }

    /// Runs another command on the same data directory.
    pub fn command(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = Command::new(BINARY);
        command.args(arguments).arg("--data-dir").arg(self.folder.path());
        plain(&mut command).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// The JSON that a command answers with.
    #[track_caller]
    pub fn command_json(&self, arguments: &[&str]) -> Value {
        let output = self.command(arguments, "");
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A fresh admin token of this role.
    pub fn token(&self, role: &str) -> String {
        let made = self.command_json(&["token", "create", "--name", "test", "--role", role, "--json"]);
        made["token"].as_str().unwrap().to_owned()
    }

    /// A fresh person of this role, as their address.
    pub fn person(&self, role: &str) -> String {
        let email = format!("{}@example.com", uuid::Uuid::new_v4().simple());
        let output = self.command(
            &["admin", "create", "--email", &email, "--role", role, "--name", "Test Person"],
            PASSWORD,
        );
        assert!(output.status.success(), "{output:?}");
        email
    }

    /// The cookie of a fresh person of this role.
    pub async fn session(&self, role: &str) -> String {
        let email = self.person(role);
        let reply = self.post_form("/login", "", &[("email", &email), ("password", PASSWORD)]).await;
        assert_eq!(reply.status, 303, "{}", reply.text);
        reply.cookie()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let process = self.process.get_mut().unwrap();
        send("-TERM", &process.child.id().to_string());
        if process.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = process.child.wait();
        }
    }
}

fn launch(folder: &Folder, listen: &str, arguments: &[&str], env: &[(&str, &str)]) -> (Process, String) {
    let mut command = Command::new(BINARY);
    command.args(["serve", "--listen", listen, "--data-dir"]).arg(folder.path()).args(arguments);
    let mut child = plain(&mut command)
        .envs(env.iter().copied())
        .stdout(Stdio::piped())
        .stderr(open_log(folder))
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let line = next_line(&mut lines);
    let (_, origin) = line.split_once(" at ").unwrap_or_else(|| panic!("{}", log_of(folder)));
    (Process { child, lines }, origin.trim().to_owned())
}

/// Without what the tester's own environment configures.
fn plain(command: &mut Command) -> &mut Command {
    let ours = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("TENANTRY_"));
    for name in ours {
        command.env_remove(name);
    }
    command
        .env_remove("DATABASE_URL")
        .env("TENANTRY_SITE_ROOT", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/site"))
}

fn next_line(lines: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    line
}

fn open_log(folder: &Folder) -> File {
    File::options().create(true).append(true).open(folder.path().join("server.log")).unwrap()
}

fn log_of(folder: &Folder) -> String {
    std::fs::read_to_string(folder.path().join("server.log")).unwrap_or_default()
}
