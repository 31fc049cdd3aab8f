//! The external pipeline, driven by the real binary against a real PostgreSQL. What a step does to
//! its own outside system is tried in the engine's tests.

mod api;
mod codes;
mod configuration;
mod copying;
mod telemetry;
mod workers;

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;

use crate::support::{Reply, TestServer, good_body, new_key};

const TEMPLATE: &str = "golden-template";

/// A server whose tenants get a copy of a database in its own PostgreSQL, and whatever else `more`
/// configures, which ends with a list of blueprints' other keys.
struct Pipeline {
    server: TestServer,
    token: String,
    config: String,
}

impl Pipeline {
    /// `more` is the rest of the configuration; the blueprint `standard` comes last, and `skippable`
    /// is its list of steps.
    fn start(more: &str, skippable: &str, arguments: &[&str]) -> Self {
        let server = TestServer::start();
        let token = server.token("ADMIN");
        let path = server.folder.path().join("tenantry.toml");
        let config = format!(
            "{more}\n[copy]\nurl = {:?}\n[[blueprints]]\nname = \"standard\"\nlabel = \"Standard\"\n\
             template = {TEMPLATE:?}\nskippable = [{skippable}]\n",
            server.folder.database_url()
        );
        std::fs::write(&path, config).unwrap();
        let pipeline = Self { server, token, config: path.display().to_string() };
        pipeline.restart(arguments);
        pipeline
    }

    fn restart(&self, arguments: &[&str]) {
        self.server.restart_with(arguments, &[("TENANTRY_CONFIG", &self.config)]);
    }

    fn sql(&self, statements: &str) -> String {
        self.server.folder.sql(statements)
    }

    fn make_template(&self) {
        self.sql(&format!("CREATE DATABASE {TEMPLATE:?} OWNER tenantry"));
    }

    /// Orders a tenant, whose steps are still to come, and answers what the API says.
    async fn order(&self, body: &Value) -> Value {
        let reply = self.server.provision(&self.token, &new_key(), body).await;
        assert_eq!(reply.status, 202, "{}", reply.text);
        let made = reply.json();
        assert_eq!(made["pipeline"]["state"], "pending");
        assert_eq!(made["tenant"]["status"], "provisioning");
        made
    }

    async fn request(&self, id: &str) -> Value {
        let reply = self.server.get(&path(id, ""), &self.token).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    }

    /// Waits until the step has the state, and answers the request as it is then.
    #[track_caller]
    fn soon(&self, id: &str, step: &'static str, state: &'static str) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            let end = Instant::now() + Duration::from_secs(20);
            loop {
                let request = self.request(id).await;
                if state_of(&request, step) == state {
                    return request;
                }
                assert!(Instant::now() < end, "{caller}: {step} is not {state}: {request:#}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    async fn post(&self, id: &str, action: &str, body: Option<Value>) -> Reply {
        let request = self.server.request(Method::POST, &path(id, action)).bearer_auth(&self.token);
        self.server
            .send(match body {
                Some(body) => request.json(&body),
                None => request,
            })
            .await
    }
}

fn path(id: &str, action: &str) -> String {
    format!("/api/v1/admin/provisioning-requests/{id}{action}")
}

fn state_of(request: &Value, step: &str) -> String {
    let steps = request["steps"].as_array().expect("steps");
    let found = steps.iter().find(|facts| facts["name"] == step).expect("the step");
    found["state"].as_str().unwrap().to_owned()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}: {value:#}"))
}

/// The database that belongs to a tenant.
fn database_of(made: &Value) -> String {
    text(made, "/tenant/code").to_ascii_lowercase()
}
