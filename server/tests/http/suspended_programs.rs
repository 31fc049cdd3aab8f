//! What a suspension, a deletion and a rename mean for the programs of a tenant: every call of the API for
//! tenants, by its description in the OpenAPI document.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    openapi::{operations, parameters},
    support::{Reply, TestServer, new_key, valid_body},
};

/// Calls that a program of a tenant can make: method, path, and body or null.
fn calls_of_programs() -> Vec<(Method, String, Value)> {
    let of_programs = |operation: &Value| operation["security"][0].get("key").is_some();
    let calls: Vec<_> = operations()
        .into_iter()
        .filter(|&(_, _, operation)| of_programs(operation))
        .map(|(path, method, operation)| {
            let body = &operation["requestBody"]["content"]["application/json"]["example"];
            let path = parameters(operation, "path").into_iter().fold(path.to_owned(), |path, parameter| {
                let name = parameter["name"].as_str().unwrap();
                path.replace(&format!("{{{name}}}"), "basic-package")
            });
            (method, path, body.clone())
        })
        .collect();
    assert!(calls.len() >= 16, "{calls:?}");
    calls
}

async fn send(server: &TestServer, secret: &str, (method, path, body): &(Method, String, Value)) -> Reply {
    let request = server.request(method.clone(), path).bearer_auth(secret).header("if-match", "*");
    let request = request.header("idempotency-key", new_key());
    server.send(if body.is_null() { request } else { request.json(body) }).await
}

/// A new tenant, its secret key, and calls of an admin about it.
struct Tenant<'a> {
    server: &'a TestServer,
    token: String,
    slug: String,
    secret: String,
}

impl<'a> Tenant<'a> {
    async fn new(server: &'a TestServer) -> Self {
        let token = server.token("ADMIN");
        let created = server.provision(&token, &new_key(), &valid_body()).await.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self { server, token, slug: text(&created["tenant"]["slug"]), secret: text(&created["secretKey"]) }
    }

    async fn change(&self, method: Method, path: &str, body: Value) {
        let path = format!("/api/v1/admin/tenants/{}{path}", self.slug);
        let request = self.server.request(method, &path).bearer_auth(&self.token).header("if-match", "*");
        let reply = self.server.send(request.json(&body)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }

    /// Every row of the tenant, without the times of use of its keys.
    fn rows(&self) -> String {
        let data = &self.server.data_directory;
        let tables = "SELECT string_agg(format('SELECT to_jsonb(x) - ''last_used_at'' AS r FROM %I x WHERE tenant_id = t.id',
                          table_name), ' UNION ALL ') FROM information_schema.columns
                      WHERE table_schema = 'tenantry' AND column_name = 'tenant_id'
                          AND table_name NOT IN ('jobs', 'provisioning_requests')";
        data.sql(&format!(
            "SELECT jsonb_agg(r ORDER BY r::text) FROM tenants t, LATERAL ({}) rows WHERE t.slug = '{}'",
            data.sql(tables),
            self.slug
        ))
    }
}

#[tokio::test]
async fn a_tenant_that_is_suspended_or_deleted_refuses_its_key_in_the_next_call_of_every_kind_at_every_server()
 {
    let server = TestServer::start();
    let url = server.data_directory.database_url();
    let other = TestServer::start_with(&[("DATABASE_URL", &url), ("TENANTRY_WORKERS", "0")]);
    other.wait_until_ready().await;
    let tenant = Tenant::new(&server).await;
    let confirmation = json!({ "slug": tenant.slug });
    for (method, path, body, undo, status, code) in [
        (Method::POST, "/suspend", json!({ "reason": "Unpaid" }), "/resume", 403, "TENANT_SUSPENDED"),
        (Method::DELETE, "", confirmation, "/restore", 401, "UNAUTHENTICATED"),
    ] {
        let tenant_call = (Method::GET, "/api/v1/tenant".to_owned(), Value::Null);
        for server in [&server, &other] {
            assert_eq!(send(server, &tenant.secret, &tenant_call).await.status, 200);
        }
        tenant.change(method, path, body).await;
        let before = tenant.rows();
        for call in calls_of_programs() {
            for server in [&server, &other] {
                send(server, &tenant.secret, &call).await.problem(status, code);
            }
        }
        assert_eq!(tenant.rows(), before);
        tenant.change(Method::POST, undo, json!({})).await;
        for server in [&server, &other] {
            assert_eq!(send(server, &tenant.secret, &tenant_call).await.status, 200);
        }
    }
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}

#[tokio::test]
async fn a_key_keeps_working_after_the_slug_in_it_was_renamed() {
    let server = TestServer::shared().await;
    let tenant = Tenant::new(&server).await;
    let renamed = format!("{}x", &tenant.slug[..19]);
    tenant.change(Method::PATCH, "", json!({ "slug": renamed })).await;
    let read = server.get("/api/v1/tenant", &tenant.secret).await;
    assert_eq!((read.status, &read.json()["slug"]), (200, &json!(renamed)), "{}", read.text);
    // The former slug leads to the page of the tenant, as the current one does.
    let session = server.session("ADMIN").await;
    let pages = [
        server.page(&format!("/tenants/{}", tenant.slug), &session).await,
        server.page(&format!("/tenants/{renamed}"), &session).await,
    ];
    let locations = pages.map(|page| (page.status, page.header("location").to_owned()));
    assert!(locations[0].1.starts_with("/tenants/TEN-"), "{locations:?}");
    assert_eq!(locations[0], locations[1]);
}

#[tokio::test]
async fn a_key_with_a_wrong_checksum_is_refused_without_the_database() {
    let server = TestServer::start();
    let tenant = Tenant::new(&server).await;
    let last = if tenant.secret.ends_with('0') { "1" } else { "0" };
    let mistyped = format!("{}{last}", &tenant.secret[..tenant.secret.len() - 1]);
    let truncated = &tenant.secret[..tenant.secret.len() - 1];
    server.data_directory.stop_postgres();
    for call in calls_of_programs() {
        for wrong in [mistyped.as_str(), truncated, "sk_live_", ""] {
            send(&server, wrong, &call).await.problem(401, "UNAUTHENTICATED");
        }
    }
    // A key with a right checksum needs the database.
    server.get("/api/v1/tenant", &tenant.secret).await.problem(503, "DATABASE_UNAVAILABLE");
}
