//! The portal: its pages, its forms without JavaScript, and its server functions.

mod catalog;
mod forms;
mod functions;
mod pages;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Reply, TestServer, new_key, valid_body};

/// A tenant with the session of its owner.
struct Portal {
    slug: String,
    code: String,
    /// The session cookie of the owner.
    owner: String,
}

impl Portal {
    /// Creates a tenant, and accepts the invitation of its owner.
    async fn new(server: &TestServer) -> Self {
        let created = server.provision(&server.token("ADMIN"), &new_key(), &valid_body()).await.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let link = text(&created["owner"]["invitationUrl"]);
        let path = link.strip_prefix(&server.origin).unwrap();
        let accepted = server.post_form(path, "", &[("password", PASSWORD)]).await;
        assert_eq!((accepted.status, accepted.header("location")), (303, "/portal"), "{}", accepted.text);
        let (slug, code) = (text(&created["tenant"]["slug"]), text(&created["tenant"]["code"]));
        Self { slug, code, owner: accepted.cookie() }
    }

    /// The path of a page.
    fn path(&self, page: &str) -> String {
        format!("/portal/{}/{page}", self.slug)
    }

    /// Makes the owner of another tenant a member of this one, and returns their session.
    fn add<'a>(&self, server: &TestServer, other: &'a Self, role: &str) -> &'a str {
        server.data_directory.sql(&format!(
            "INSERT INTO memberships (tenant_id, user_id, role, joined_at)
             SELECT t.id, u.id, '{role}', now() FROM tenants t, users u
             WHERE t.slug = '{}' AND u.email = 'owner@{}.example'",
            self.slug, other.slug
        ));
        &other.owner
    }

    /// Calls the API as an admin.
    async fn administer(&self, server: &TestServer, method: Method, rest: &str, body: Option<Value>) {
        let path = format!("/api/v1/admin/tenants/{}{rest}", self.slug);
        let request = server.request(method, &path).bearer_auth(server.token("ADMIN"));
        let reply = server.send(body.into_iter().fold(request, |request, body| request.json(&body))).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }

    async fn suspend(&self, server: &TestServer) {
        let body = json!({ "reason": "An unpaid bill" });
        self.administer(server, Method::POST, "/suspend", Some(body)).await;
    }

    async fn resume(&self, server: &TestServer) {
        self.administer(server, Method::POST, "/resume", None).await;
    }

    async fn delete(&self, server: &TestServer) {
        self.administer(server, Method::DELETE, &format!("?slug={}", self.slug), None).await;
    }

    /// Sets the status of the tenant. No call does this, so the trigger that guards the status is off.
    fn set_status(&self, server: &TestServer, status: &str) {
        server.data_directory.sql(&format!(
            "SET session_replication_role = replica; UPDATE tenants SET status = '{status}' WHERE slug = '{}'",
            self.slug
        ));
    }
}

/// Calls a server function with a session, as the pages do.
async fn call(server: &TestServer, session: &str, function: &str, arguments: &Value) -> Reply {
    let request = server.request(Method::POST, &format!("/api/fn/{function}")).json(arguments);
    server.send(request.header("origin", &server.origin).header("cookie", session)).await
}

/// The pages of a tenant.
const PAGES: [&str; 9] =
    ["", "settings", "branding", "members", "segments", "packages", "keys", "usage", "activity"];

/// The version that a rendered form sends back.
fn version_of(page: &str) -> String {
    let input = page.split("<input ").find(|input| input.contains("name=\"version\"")).unwrap();
    let value = input.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
    value.replace("&quot;", "\"")
}
