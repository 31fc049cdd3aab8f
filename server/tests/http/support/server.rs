use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Weak},
};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use tokio::sync::Mutex;

use test_support::{
    reserved_port::ReservedPort,
    test_cluster::send_signal,
    wait::{DEADLINE, wait_for_value},
};

use super::{PASSWORD, Reply, contract, data_directory::DataDirectory};

const BINARY: &str = env!("CARGO_BIN_EXE_tenantry");

/// The process `tenantry serve` with its own data directory. Dropping this value stops the process.
pub(crate) struct TestServer {
    /// The public address, which is the beginning of links.
    pub origin: String,
    port: ReservedPort,
    pub data_directory: DataDirectory,
    /// The variables with which the server was started.
    env: Vec<(String, String)>,
    process: std::sync::Mutex<Process>,
    client: Client,
}

/// A command that runs in the background. Dropping this value kills the process.
pub(crate) struct BackgroundCommand(Child);

impl BackgroundCommand {
    /// Sends SIGTERM, waits for the end, and returns whether the exit status was 0.
    pub(crate) fn stop(&mut self) -> bool {
        send_signal("-TERM", &self.0.id().to_string());
        self.0.wait().unwrap().success()
    }
}

impl Drop for BackgroundCommand {
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
    /// The server that the tests of this process share. It stops when no test uses it.
    pub(crate) async fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<TestServer>> = Mutex::const_new(Weak::new());
        let mut shared = SHARED.lock().await;
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::start());
        *shared = Arc::downgrade(&server);
        server
    }

    /// A server for one test.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(crate) fn start_with(env: &[(&str, &str)]) -> Self {
        let (data_directory, port) = (DataDirectory::new(), ReservedPort::new());
        let (process, origin) = launch(&data_directory, &port, &[], env);
        let client = connectors::http_client().timeout(DEADLINE);
        // Keeps no idle connections: tests share this client, but a connection ends with the runtime of the
        // test that opened it.
        let client = client.pool_max_idle_per_host(0).build().unwrap();
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { origin, port, data_directory, env, process: process.into(), client }
    }

    /// The path of the setup link, which the server prints after its address.
    pub(crate) fn setup_path(&self) -> String {
        let line = next_line(&mut self.process.lock().unwrap().lines);
        let (_, link) = line.split_once(" at ").expect("a link");
        link.trim().strip_prefix(&self.origin).expect("an address of this server").to_owned()
    }

    /// The log so far, including that of earlier processes in the data directory.
    pub(crate) fn log(&self) -> String {
        log_of(&self.data_directory)
    }

    /// Kills the process with SIGKILL and starts another one on the same port, with the same variables.
    pub(crate) fn kill_and_restart(&self) {
        let env: Vec<_> = self.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut process = self.process.lock().unwrap();
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        *process = launch(&self.data_directory, &self.port, &[], &env).0;
    }

    /// Stops the process and starts another one on the same port, with these arguments and variables.
    pub(crate) fn restart_with(&self, arguments: &[&str], env: &[(&str, &str)]) {
        assert!(self.stop());
        *self.process.lock().unwrap() = launch(&self.data_directory, &self.port, arguments, env).0;
    }

    /// Starts another process on the same port, after the former one has ended.
    pub(crate) fn start_again(&self, arguments: &[&str], env: &[(&str, &str)]) {
        *self.process.lock().unwrap() = launch(&self.data_directory, &self.port, arguments, env).0;
    }

    /// Starts a command that runs in the background, and waits for its first line.
    pub(crate) fn start_background(&self, arguments: &[&str], env: &[(&str, &str)]) -> BackgroundCommand {
        let mut command = Command::new(BINARY);
        command.args(arguments).arg("--data-dir").arg(self.data_directory.path());
        let mut child = without_settings(&mut command)
            .envs(env.iter().copied())
            .stdout(Stdio::piped())
            .stderr(open_log(&self.data_directory))
            .spawn()
            .unwrap();
        let line = next_line(&mut BufReader::new(child.stdout.take().unwrap()));
        assert!(!line.is_empty(), "the command ended: {}", self.log());
        BackgroundCommand(child)
    }

    /// Starts a command, and does not wait for its end.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> BackgroundCommand {
        let mut command = Command::new(BINARY);
        command.args(arguments).arg("--data-dir").arg(self.data_directory.path());
        let log = open_log(&self.data_directory);
        BackgroundCommand(without_settings(&mut command).stdout(Stdio::null()).stderr(log).spawn().unwrap())
    }

    /// Sends SIGTERM, waits for the end, and returns whether the exit status was 0.
    pub(crate) fn stop(&self) -> bool {
        self.send_signal("-TERM");
        self.wait_for_exit().success()
    }

    pub(crate) fn send_signal(&self, signal: &str) {
        send_signal(signal, &self.process.lock().unwrap().child.id().to_string());
    }

    /// Waits for the end of the process, and returns its exit status.
    pub(crate) fn wait_for_exit(&self) -> ExitStatus {
        self.process.lock().unwrap().child.wait().unwrap()
    }

    /// Opens a TCP connection. Reading fails after [`DEADLINE`].
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.port.address()).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.port.address()))
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Reply {
        self.send(self.request(Method::GET, path).bearer_auth(token)).await
    }

    /// Waits until the server has reached the database and the schema is current.
    pub(crate) async fn wait_until_ready(&self) {
        wait_for_value("/readyz to respond with 200", async || {
            (self.get("/readyz", "").await.status == 200).then_some(())
        })
        .await;
    }

    /// Loads a page as a browser does.
    pub(crate) async fn page(&self, path: &str, cookie: &str) -> Reply {
        self.send(self.request(Method::GET, path).header("accept", "text/html").header("cookie", cookie))
            .await
    }

    /// Posts one of our own forms as a browser does.
    pub(crate) async fn post_form(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Reply {
        let request = self.request(Method::POST, path).form(fields);
        let request = request.header("accept", "text/html").header("origin", &self.origin);
        self.send(request.header("cookie", cookie)).await
    }

    pub(crate) async fn provision(&self, token: &str, key: &str, body: &Value) -> Reply {
        self.send(self.provision_request(token).header("idempotency-key", key).json(body)).await
    }

    pub(crate) fn provision_request(&self, token: &str) -> RequestBuilder {
        self.request(Method::POST, "/api/v1/admin/tenants").bearer_auth(token)
    }

    /// Calls a server function as the pages do.
    pub(crate) async fn call(&self, function: &str, token: &str, arguments: &Value) -> Reply {
        let request = self.request(Method::POST, &format!("/api/fn/{function}")).json(arguments);
        let request = request.header("origin", &self.origin);
        self.send(if token.is_empty() { request } else { request.bearer_auth(token) }).await
    }

    /// Sends a request. The response must agree with the OpenAPI document.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Reply {
        let (client, request) = request.build_split();
        let request = request.expect("a valid request");
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = client.execute(request).await.expect("a response");
        let reply = Reply::read(response).await.expect("a body");
        contract::check(&method, &path, &reply);
        reply
    }

    /// Runs a command on the same data directory and waits for its end.
    pub(crate) fn command(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = Command::new(BINARY);
        command.args(arguments).arg("--data-dir").arg(self.data_directory.path());
        without_settings(&mut command).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// The JSON that a command prints.
    #[track_caller]
    pub(crate) fn command_json(&self, arguments: &[&str]) -> Value {
        let output = self.command(arguments, "");
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Creates an admin token with this role.
    pub(crate) fn token(&self, role: &str) -> String {
        let created = self.command_json(&["token", "create", "--name", "test", "--role", role, "--json"]);
        created["token"].as_str().unwrap().to_owned()
    }

    /// Creates an employee with this role and returns the e-mail address.
    pub(crate) fn create_employee(&self, role: &str) -> String {
        let email = format!("{}@example.com", uuid::Uuid::new_v4().simple());
        let output = self.command(
            &["admin", "create", "--email", &email, "--role", role, "--name", "Test Employee"],
            PASSWORD,
        );
        assert!(output.status.success(), "{output:?}");
        email
    }

    /// Creates an employee with this role, signs in, and returns the cookie.
    pub(crate) async fn session(&self, role: &str) -> String {
        let email = self.create_employee(role);
        let reply = self.post_form("/login", "", &[("email", &email), ("password", PASSWORD)]).await;
        assert_eq!(reply.status, 303, "{}", reply.text);
        reply.cookie()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let process = self.process.get_mut().unwrap();
        send_signal("-TERM", &process.child.id().to_string());
        if process.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = process.child.wait();
        }
    }
}

fn launch(
    directory: &DataDirectory,
    port: &ReservedPort,
    arguments: &[&str],
    env: &[(&str, &str)],
) -> (Process, String) {
    let listen = port.address().to_string();
    let mut command = Command::new(BINARY);
    command.args(["serve", "--listen", &listen, "--data-dir"]).arg(directory.path()).args(arguments);
    let mut child = without_settings(&mut command)
        .envs(env.iter().copied())
        .stdout(Stdio::piped())
        .stderr(open_log(directory))
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let line = next_line(&mut lines);
    let (_, origin) = line.split_once(" at ").unwrap_or_else(|| panic!("{}", log_of(directory)));
    (Process { child, lines }, origin.trim().to_owned())
}

/// Removes the settings of the test process from the environment of a command, and sets the test site.
fn without_settings(command: &mut Command) -> &mut Command {
    let settings = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("TENANTRY_"));
    for name in settings {
        command.env_remove(name);
    }
    let site = std::path::absolute("tests/site").unwrap();
    command.env_remove("DATABASE_URL").env("TENANTRY_SITE_ROOT", site)
}

fn next_line(lines: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    line
}

fn open_log(directory: &DataDirectory) -> File {
    File::options().create(true).append(true).open(directory.path().join("server.log")).unwrap()
}

fn log_of(directory: &DataDirectory) -> String {
    std::fs::read_to_string(directory.path().join("server.log")).unwrap_or_default()
}
