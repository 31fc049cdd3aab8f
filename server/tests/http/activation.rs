//! The activation of a tenant by an admin: `docs/specification.md`, section 7.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, TestServer, new_key, valid_body};

/// A tenant: its slug, code and ID.
struct Tenant {
    slug: String,
    code: String,
    id: String,
}

impl Tenant {
    async fn new(server: &TestServer, token: &str, body: &Value) -> Self {
        let created = server.provision(token, &new_key(), body).await.json();
        let text = |name: &str| created["tenant"][name].as_str().unwrap().to_owned();
        Self { slug: text("slug"), code: text("code"), id: text("id") }
    }

    async fn call(&self, server: &TestServer, token: &str, method: Method, path: &str) -> Reply {
        let path = format!("/api/v1/admin/tenants/{}{path}", self.slug);
        server.send(server.request(method, &path).bearer_auth(token)).await
    }

    /// Sets the status without the guard.
    fn force_status(&self, server: &TestServer, status: &str) {
        server.data_directory.sql(&format!(
            "SET session_replication_role = replica; UPDATE tenants SET status = '{status}' WHERE id = '{}'",
            self.id
        ));
    }
}

#[tokio::test]
async fn an_admin_activates_a_complete_tenant_that_waits() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let tenant = Tenant::new(&server, &token, &valid_body()).await;
    tenant.call(&server, &token, Method::POST, "/activate").await.problem(409, "INVALID_TRANSITION");
    for status in ["setup_incomplete", "pending_activation"] {
        tenant.force_status(&server, status);
        let viewer = server.token("VIEWER");
        tenant.call(&server, &viewer, Method::POST, "/activate").await.problem(403, "FORBIDDEN");
        let activated = tenant.call(&server, &token, Method::POST, "/activate").await;
        assert_eq!(
            (activated.status, &activated.json()["status"]),
            (200, &"active".into()),
            "{}",
            activated.text
        );
    }
    tenant.force_status(&server, "setup_incomplete");
    let activated = server.command(&["tenant", "activate", &tenant.slug], "");
    assert_eq!(
        String::from_utf8(activated.stdout).unwrap(),
        format!("Golden Spoon ({}) is active.\n", tenant.code)
    );
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}

#[tokio::test]
async fn a_tenant_without_an_owner_is_not_activated_and_the_next_step_names_the_call() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let body = json!({ "slug": valid_body()["slug"], "name": "Golden Spoon" });
    let tenant = Tenant::new(&server, &token, &body).await;
    let reply = tenant.call(&server, &token, Method::POST, "/activate").await;
    let problem = reply.problem(409, "INVALID_TRANSITION");
    assert_eq!(problem["errors"][0]["rule"], "no_owner");
    assert!(problem["nextStep"].as_str().unwrap().contains("/owner"), "{problem}");
    let refused = server.command(&["tenant", "activate", &tenant.slug], "");
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && message.contains("It has no owner. Name the owner"), "{message}");
}
