//! The binary through a real PgBouncer in transaction mode.

use reqwest::{Method, Response};
use sqlx::{Connection, PgConnection};
use test_support::{pgbouncer::PgBouncer, wait::wait_for_future};
use tokio::task::JoinSet;

use crate::support::{PASSWORD, TestServer, new_key, valid_body};

const TEMPLATE: &str = "golden-template";
/// Fewer than the connections of the server, its workers and the commands.
const POOL_SIZE: u32 = 3;

/// A server whose database is behind a PgBouncer.
struct PooledServer {
    server: TestServer,
    config: String,
    /// The URL of the database itself.
    direct_url: String,
    _pooler: PgBouncer,
    /// Runs the PostgreSQL behind the pooler.
    _database: TestServer,
}

impl PooledServer {
    fn start() -> Self {
        let database = TestServer::start();
        let data = &database.data_directory;
        data.sql("CREATE DATABASE pooled OWNER tenantry");
        data.sql(&format!("CREATE DATABASE {TEMPLATE:?} OWNER tenantry"));
        let pooler = PgBouncer::start(&data.database_url(), POOL_SIZE, "");
        let url = data.database_url();
        let direct_url = format!("{}/pooled", url.strip_suffix("/tenantry").unwrap());
        let config = data.path().join("pooled.toml");
        let text = format!(
            "database_url = {:?}\ndatabase_direct_url = {direct_url:?}\n[copy]\nurl = {:?}\n[[blueprints]]\n\
             name = \"standard\"\nlabel = \"Standard\"\ntemplate = {TEMPLATE:?}\n",
            pooler.url("pooled"),
            url
        );
        std::fs::write(&config, text).unwrap();
        let config = config.display().to_string();
        let server = TestServer::start_with(&[("TENANTRY_CONFIG", &config), ("TENANTRY_WORKERS", "0")]);
        Self { server, config, direct_url, _pooler: pooler, _database: database }
    }

    /// Runs a command with the configuration of the server, and returns what it prints.
    #[track_caller]
    fn command(&self, arguments: &[&str], input: &str) -> String {
        let output = self.server.command(&[arguments, &["--config", &self.config]].concat(), input);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    async fn follow(&self, token: &str, request: &str) -> Response {
        let path = format!("/api/v1/admin/provisioning-requests/{request}/events");
        self.server.request(Method::GET, &path).bearer_auth(token).send().await.unwrap()
    }
}

/// Reads an event stream until `text` has arrived.
async fn read_until(stream: &mut Response, text: &str) {
    let mut read = String::new();
    while !read.contains(text) {
        let chunk = wait_for_future("an event", stream.chunk()).await.unwrap().expect("an event");
        read.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_workers_and_commands_work_through_a_pooler() {
    let pooled = PooledServer::start();
    let server = &pooled.server;
    server.wait_until_ready().await;
    let token = pooled.command(&["token", "create", "--name", "test", "--role", "ADMIN"], "");
    let admin = ["admin", "create", "--email", "ada@example.com", "--role", "ADMIN", "--name", "Ada"];
    pooled.command(&admin, PASSWORD);
    let reply = server.post_form("/login", "", &[("email", "ada@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    assert_eq!(server.page("/provision", &reply.cookie()).await.status, 200);

    let mut calls = JoinSet::new();
    for _ in 0..8 {
        let call = server.provision_request(&token).header("idempotency-key", new_key()).json(&valid_body());
        calls.spawn(async move { call.send().await.unwrap().json::<serde_json::Value>().await.unwrap() });
    }
    let mut streams = Vec::new();
    while let Some(provisioned) = calls.join_next().await {
        let provisioned = provisioned.unwrap();
        let request = provisioned["requestId"].as_str().unwrap_or_else(|| panic!("{provisioned}"));
        let mut stream = pooled.follow(&token, request).await;
        read_until(&mut stream, "\"pending\"").await;
        streams.push(stream);
    }
    let worker = ["worker", "--workers", "4", "--config", &pooled.config];
    let mut worker = server.start_background(&worker, &[]);
    for stream in &mut streams {
        read_until(stream, "\"tenant.activated\"").await;
    }
    assert!(worker.stop());
    assert_eq!(pooled.command(&["verify"], ""), "Violations: 0");

    let mut direct = PgConnection::connect_with(&pooled.direct_url.parse().unwrap()).await.unwrap();
    let schemas = "SELECT string_agg(DISTINCT relnamespace::regnamespace::text, ' ') FROM pg_class
                   WHERE relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'";
    let schemas: String = sqlx::query_scalar(schemas).fetch_one(&mut direct).await.unwrap();
    assert_eq!(schemas, "tenantry");
    assert!(server.stop());
}
