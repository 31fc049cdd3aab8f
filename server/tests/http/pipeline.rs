//! The external pipeline with the binary and a real PostgreSQL. The engine's tests cover the effect of each
//! step on its external system.

mod api;
mod codes;
mod configuration;
mod copying;
mod streams;
mod suspension;
mod telemetry;
mod workers;

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;
use test_support::wait::DEADLINE;

use crate::support::{Reply, TestServer, new_key, valid_body};

const TEMPLATE: &str = "golden-template";

/// A server that copies a template for each tenant. The template is in the private PostgreSQL of the server.
struct PipelineServer {
    server: TestServer,
    token: String,
    config: String,
}

impl PipelineServer {
    /// `connectors` is additional configuration in TOML. `skippable` lists the steps that the blueprint
    /// `standard` lets admins skip, as TOML strings.
    fn start(connectors: &str, skippable: &str, arguments: &[&str]) -> Self {
        let server = TestServer::start();
        let token = server.token("ADMIN");
        let path = server.data_directory.path().join("tenantry.toml");
        let config = format!(
            "{connectors}\n[copy]\nurl = {:?}\n[[blueprints]]\nname = \"standard\"\nlabel = \"Standard\"\n\
             template = {TEMPLATE:?}\nskippable = [{skippable}]\n",
            server.data_directory.database_url()
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
        self.server.data_directory.sql(statements)
    }

    fn create_template(&self) {
        self.sql(&format!("CREATE DATABASE {TEMPLATE:?} OWNER tenantry"));
    }

    /// Provisions a tenant and returns the response, in which no step has run yet.
    async fn provision(&self, body: &Value) -> Value {
        let reply = self.server.provision(&self.token, &new_key(), body).await;
        assert_eq!(reply.status, 202, "{}", reply.text);
        let provisioned = reply.json();
        assert_eq!(provisioned["pipeline"]["state"], "pending");
        assert_eq!(provisioned["tenant"]["status"], "provisioning");
        provisioned
    }

    async fn request(&self, id: &str) -> Value {
        let reply = self.server.get(&path(id, ""), &self.token).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    }

    /// Waits until a step has this state, and returns the request.
    #[track_caller]
    fn wait_for_step(
        &self,
        id: &str,
        step: &'static str,
        state: &'static str,
    ) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            let end = Instant::now() + DEADLINE;
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
    let found = steps.iter().find(|step_json| step_json["name"] == step).expect("the step");
    found["state"].as_str().unwrap().to_owned()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}: {value:#}"))
}

/// The name of a tenant's database.
fn database_of(provisioned: &Value) -> String {
    text(provisioned, "/tenant/code").to_ascii_lowercase()
}
