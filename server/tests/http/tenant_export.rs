//! The export of one tenant's data: `docs/specification.md`, section 7.

use std::os::unix::fs::PermissionsExt;

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
}

#[tokio::test]
async fn an_admin_downloads_everything_about_a_tenant() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let tenant = Tenant::new(&server, &token, &valid_body()).await;
    let file = tenant.call(&server, &token, Method::GET, "/export").await;
    assert_eq!(file.status, 200, "{}", file.text);
    assert_eq!(file.header("content-disposition"), format!("attachment; filename=\"{}.json\"", tenant.code));
    assert_eq!(file.header("cache-control"), "no-store");
    let document = file.json();
    assert_eq!(
        (&document["tenant"]["id"], &document["tenant"]["status"]),
        (&json!(tenant.id), &json!("active"))
    );
    assert_eq!(document["packages"].as_array().unwrap().len(), 3);
    assert!(!file.text.contains("sk_live_") && !file.text.contains("Hash\""), "{}", file.text);
    // The second export contains the entry of the first one.
    let document = tenant.call(&server, &token, Method::GET, "/export").await.json();
    let entries = document["audit"].as_array().unwrap();
    assert_eq!(entries.last().unwrap()["action"], "tenant.exported");

    let viewer = server.token("VIEWER");
    tenant.call(&server, &viewer, Method::GET, "/export").await.problem(403, "FORBIDDEN");
    tenant.call(&server, "", Method::GET, "/export").await.problem(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn the_page_of_a_tenant_links_to_its_export_for_admins() {
    let server = TestServer::shared().await;
    let tenant = Tenant::new(&server, &server.token("ADMIN"), &valid_body()).await;
    let link = format!("href=\"/api/v1/admin/tenants/{}/export\"", tenant.code);
    for (role, expected) in [("ADMIN", true), ("VIEWER", false)] {
        let page = server.page(&format!("/tenants/{}", tenant.code), &server.session(role).await).await;
        assert_eq!((page.status, page.text.contains(&link)), (200, expected), "{role}: {}", page.text);
    }
}

#[tokio::test]
async fn a_deleted_tenant_can_be_exported_until_it_is_purged() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    let tenant = Tenant::new(&server, &token, &valid_body()).await;
    let deleted = tenant.call(&server, &token, Method::DELETE, &format!("?slug={}", tenant.slug)).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    let document = tenant.call(&server, &token, Method::GET, "/export").await.json();
    assert_eq!(document["tenant"]["status"], "deleted");
    server
        .data_directory
        .sql(&format!("UPDATE tenants SET purged_at = now(), owner_id = NULL WHERE id = '{}'", tenant.id));
    tenant.call(&server, &token, Method::GET, "/export").await.problem(404, "TENANT_NOT_FOUND");
}

#[tokio::test]
async fn an_operator_exports_a_tenant_to_a_new_file_that_others_cannot_read() {
    let server = TestServer::shared().await;
    let tenant = Tenant::new(&server, &server.token("ADMIN"), &valid_body()).await;
    let document = server.command_json(&["tenant", "export", &tenant.slug]);
    assert_eq!(document["tenant"]["code"], tenant.code);
    let path = server.data_directory.path().join(format!("{}.json", tenant.slug));
    let arguments = ["tenant", "export", &tenant.code, "--output", path.to_str().unwrap()];
    let written = server.command(&arguments, "");
    assert!(written.status.success(), "{written:?}");
    let document: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(document["audit"].as_array().unwrap().last().unwrap()["actorName"], "operator");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let refused = server.command(&arguments, "");
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && message.contains("cannot write"), "{message}");
    assert!(!server.command(&["tenant", "export", "nobody"], "").status.success());
}
