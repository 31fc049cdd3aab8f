//! The API for the programs of tenants, which authenticate with a secret key.

mod isolation;
mod keys;
mod packages;
mod settings;
mod usage;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, TestServer, new_key, valid_body};

/// A program of a new tenant.
struct Program<'s> {
    server: &'s TestServer,
    slug: String,
    id: String,
    secret: String,
}

impl<'s> Program<'s> {
    async fn new(server: &'s TestServer, token: &str) -> Self {
        Self::with(server, token, json!({})).await
    }

    /// A program of a tenant that was provisioned with further fields.
    async fn with(server: &'s TestServer, token: &str, fields: Value) -> Self {
        let mut body = valid_body();
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let created = server.provision(token, &new_key(), &body).await.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            server,
            slug: text(&created["tenant"]["slug"]),
            id: text(&created["tenant"]["id"]),
            secret: text(&created["secretKey"]),
        }
    }

    async fn get(&self, path: &str) -> Reply {
        self.server.get(&format!("/api/v1{path}"), &self.secret).await
    }

    async fn json(&self, path: &str) -> Value {
        let reply = self.get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        reply.json()
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        let mut request = self.server.request(method, &format!("/api/v1{path}")).bearer_auth(&self.secret);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.server.send(if body.is_null() { request } else { request.json(body) }).await
    }

    async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::PUT, path, &[], body).await
    }

    /// Replaces any version.
    async fn overwrite(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::PUT, path, &[("if-match", "*")], body).await
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, &[("idempotency-key", key)], body).await
    }

    /// The path of the calls of admins about the tenant.
    fn admin_path(&self, path: &str) -> String {
        format!("/api/v1/admin/tenants/{}{path}", self.slug)
    }

    fn sql(&self, sql: &str) -> String {
        self.server.data_directory.sql(sql)
    }

    /// The audited changes of the tenant with this action: who made them, before and after.
    fn audited(&self, action: &str) -> Vec<Value> {
        let rows = self.sql(&format!(
            "SELECT coalesce(jsonb_agg(jsonb_build_object('actor', actor_name, 'before', before, 'after', after)
                 ORDER BY id), '[]')
             FROM audit_log WHERE subject_id = '{}' AND action = '{action}'",
            self.id
        ));
        serde_json::from_str(&rows).unwrap()
    }
}

/// The rules of the refused fields, by field.
#[track_caller]
fn rules(reply: &Reply) -> Vec<(String, String)> {
    let problem = reply.problem(422, "VALIDATION_ERROR");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|error| (text(&error["field"]), text(&error["rule"]))).collect()
}
