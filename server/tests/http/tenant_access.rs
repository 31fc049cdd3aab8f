//! API keys and invitations of a tenant: keys are rotated and revoked, invitations are resent and revoked.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Reply, TestServer, new_key, valid_body};

/// A new tenant: its slug, the path of the calls about it, and the response that created it.
struct Tenant {
    slug: String,
    path: String,
    created: Value,
}

impl Tenant {
    async fn new(server: &TestServer, token: &str) -> Self {
        let created = server.provision(token, &new_key(), &valid_body()).await.json();
        let slug = created["tenant"]["slug"].as_str().unwrap().to_owned();
        Self { path: format!("/api/v1/admin/tenants/{slug}"), slug, created }
    }

    /// The API keys, newest first.
    async fn keys(&self, server: &TestServer, token: &str) -> Vec<Value> {
        let reply = server.get(&format!("{}/keys", self.path), token).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()["keys"].as_array().unwrap().clone()
    }

    async fn key_path(&self, server: &TestServer, token: &str) -> String {
        format!("{}/keys/{}", self.path, self.keys(server, token).await[0]["id"].as_str().unwrap())
    }

    async fn invitation(&self, server: &TestServer, token: &str) -> Value {
        let reply = server.get(&format!("{}/invitations", self.path), token).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()["invitations"][0].clone()
    }
}

async fn rotate(server: &TestServer, token: &str, key_path: &str, key: &str, body: &Value) -> Reply {
    let request = server.request(Method::POST, &format!("{key_path}/rotate")).bearer_auth(token);
    server.send(request.header("idempotency-key", key).json(body)).await
}

async fn send(server: &TestServer, method: Method, path: &str, token: &str) -> Reply {
    server.send(server.request(method, path).bearer_auth(token)).await
}

#[tokio::test]
async fn a_rotation_returns_the_new_secret_once_and_a_retry_replaces_nothing() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let tenant = Tenant::new(&server, &token).await;
    let (path, key) = (tenant.key_path(&server, &token).await, new_key());
    let body = json!({ "overlapHours": 24 });
    let first = rotate(&server, &token, &path, &key, &body).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, ""), "{}", first.text);
    let rotated = first.json();
    let prefix = format!("sk_live_{}_", tenant.slug);
    assert!(rotated["secretKey"].as_str().unwrap().starts_with(&prefix));
    assert_ne!(rotated["secretKey"], tenant.created["secretKey"]);
    assert_eq!((&rotated["secretKeyRevealed"], &rotated["key"]["status"]), (&false.into(), &"active".into()));

    let reply = rotate(&server, &token, &path, &key, &body).await;
    assert_eq!((reply.status, reply.header("idempotent-replayed")), (201, "true"), "{}", reply.text);
    let replayed = reply.json();
    assert_eq!(replayed["key"], rotated["key"]);
    assert!(replayed["secretKey"].is_null());
    assert_eq!(replayed["secretKeyRevealed"], true);
    assert!(replayed["nextStep"].as_str().unwrap().contains("new Idempotency-Key"));

    let keys = tenant.keys(&server, &token).await;
    assert_eq!(
        keys.iter().map(|key| key["status"].as_str().unwrap()).collect::<Vec<_>>(),
        ["active", "expiring"]
    );
    assert_eq!((&keys[0], &keys[1]["replacedBy"]), (&rotated["key"], &rotated["key"]["id"]));
    rotate(&server, &token, &path, &new_key(), &body).await.problem(409, "KEY_REPLACED");
    rotate(&server, &token, &path, &key, &json!({})).await.problem(422, "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn a_rotation_needs_one_valid_idempotency_key_and_a_valid_overlap() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let tenant = Tenant::new(&server, &token).await;
    let path = tenant.key_path(&server, &token).await;
    let missing = server.request(Method::POST, &format!("{path}/rotate")).bearer_auth(&token);
    server.send(missing.json(&json!({}))).await.problem(400, "IDEMPOTENCY_KEY_MISSING");
    rotate(&server, &token, &path, "x", &json!({})).await.problem(400, "IDEMPOTENCY_KEY_INVALID");
    let key = new_key();
    for body in [json!({ "overlapHours": 169 }), json!({ "overlapHours": "1" }), json!({ "hours": 1 })] {
        rotate(&server, &token, &path, &key, &body).await.problem(422, "VALIDATION_ERROR");
    }
    // Without a body, the replaced key ends immediately.
    let request = server.request(Method::POST, &format!("{path}/rotate")).bearer_auth(&token);
    let reply = server.send(request.header("idempotency-key", &key)).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(tenant.keys(&server, &token).await[1]["status"], "expired");
}

#[tokio::test]
async fn a_revoked_key_is_listed_as_revoked() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let tenant = Tenant::new(&server, &token).await;
    let path = tenant.key_path(&server, &token).await;
    for _ in 0..2 {
        assert_eq!(send(&server, Method::DELETE, &path, &token).await.status, 204);
    }
    assert_eq!(tenant.keys(&server, &token).await[0]["status"], "revoked");
    let unknown = format!("{}/keys/{}", tenant.path, new_key());
    send(&server, Method::DELETE, &unknown, &token).await.problem(404, "RESOURCE_NOT_FOUND");
    let no_tenant = format!("/api/v1/admin/tenants/nobody/keys/{}", new_key());
    send(&server, Method::DELETE, &no_tenant, &token).await.problem(404, "TENANT_NOT_FOUND");
}

#[tokio::test]
async fn a_resent_invitation_has_a_new_link_and_the_former_link_ends() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let tenant = Tenant::new(&server, &token).await;
    let invitation = tenant.invitation(&server, &token).await;
    assert_eq!((&invitation["status"], &invitation["role"]), (&"pending".into(), &"owner".into()));
    let path = format!("{}/invitations/{}", tenant.path, invitation["id"].as_str().unwrap());
    let resent = send(&server, Method::POST, &format!("{path}/resend"), &token).await.json();
    let former = tenant.created["owner"]["invitationUrl"].as_str().unwrap();
    let link = resent["invitationUrl"].as_str().unwrap();
    assert!(link.starts_with(&format!("{}/invitation/", server.origin)) && link != former);
    let page = |link: &str| link.strip_prefix(&server.origin).unwrap().to_owned();
    assert_eq!(server.page(&page(former), "").await.status, 404);
    assert_eq!(server.page(&page(link), "").await.status, 200);

    assert_eq!(send(&server, Method::DELETE, &path, &token).await.status, 204);
    assert_eq!(server.page(&page(link), "").await.status, 404);
    assert_eq!(tenant.invitation(&server, &token).await["status"], "revoked");

    let resent = send(&server, Method::POST, &format!("{path}/resend"), &token).await.json();
    let link = page(resent["invitationUrl"].as_str().unwrap());
    let password = "violet kettle harbour nine";
    assert_eq!(server.post_form(&link, "", &[("password", password)]).await.status, 303);
    for (method, suffix) in [(Method::POST, "/resend"), (Method::DELETE, "")] {
        let reply = send(&server, method, &format!("{path}{suffix}"), &token).await;
        reply.problem(409, "INVITATION_ACCEPTED");
    }
}

#[tokio::test]
async fn viewers_and_visitors_can_neither_see_nor_replace_keys_and_invitations() {
    let server = TestServer::shared().await;
    let (admin, viewer) = (server.token("ADMIN"), server.token("VIEWER"));
    let tenant = Tenant::new(&server, &admin).await;
    let key = tenant.key_path(&server, &admin).await;
    let invitation = tenant.invitation(&server, &admin).await["id"].as_str().unwrap().to_owned();
    let invitation = format!("{}/invitations/{invitation}", tenant.path);
    for (method, path) in [
        (Method::GET, format!("{}/keys", tenant.path)),
        (Method::POST, format!("{key}/rotate")),
        (Method::DELETE, key),
        (Method::GET, format!("{}/invitations", tenant.path)),
        (Method::POST, format!("{invitation}/resend")),
        (Method::DELETE, invitation),
    ] {
        send(&server, method.clone(), &path, &viewer).await.problem(403, "FORBIDDEN");
        send(&server, method, &path, "").await.problem(401, "UNAUTHENTICATED");
    }
    let slug = tenant.slug.as_str();
    let functions = [
        ("rotate_key", json!({ "tenant": slug, "key_id": new_key(), "overlap_hours": 0 })),
        ("resend_invitation", json!({ "tenant": slug })),
    ];
    for (function, arguments) in functions {
        server.call(function, &viewer, &arguments).await.failure(403, "FORBIDDEN");
    }
    assert_eq!(tenant.keys(&server, &admin).await.len(), 1);
}

#[tokio::test]
async fn commands_replace_and_revoke_secrets_with_and_without_a_running_server() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    let tenant = Tenant::new(&server, &token).await;
    let slug = tenant.slug.as_str();
    let code = tenant.created["tenant"]["code"].as_str().unwrap();
    let rotated = server.command_json(&["key", "rotate", code, "--overlap-hours", "1", "--json"]);
    assert!(rotated["secretKey"].as_str().unwrap().starts_with("sk_live_"));
    let keys = server.command_json(&["key", "list", slug, "--json"]);
    assert_eq!((&keys["keys"][0], &keys["keys"][1]["status"]), (&rotated["key"], &"expiring".into()));
    let former = server.command_json(&["invitation", "resend", slug, "--json"]);
    assert!(server.stop());

    let id = keys["keys"][1]["id"].as_str().unwrap();
    assert_eq!(server.command_json(&["key", "revoke", slug, id, "--json"])["revoked"], id);
    assert_eq!(server.command_json(&["key", "list", slug, "--json"])["keys"][1]["status"], "revoked");
    let secret = server.command(&["key", "rotate", slug], "");
    assert!(String::from_utf8_lossy(&secret.stdout).starts_with("sk_live_"), "{secret:?}");
    let resent = server.command_json(&["invitation", "resend", slug, "--json"]);
    assert_eq!(resent["invitation"]["status"], "pending");
    assert_ne!(resent["invitationUrl"], former["invitationUrl"]);
    assert_eq!(server.command_json(&["invitation", "revoke", slug, "--json"])["revoked"], slug);
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);

    server.restart_with(&[], &[]);
    let detail =
        format!("/api/v1/admin/provisioning-requests/{}", tenant.created["requestId"].as_str().unwrap());
    let audit = server.get(&detail, &token).await.json()["audit"].clone();
    let actions: Vec<_> = audit.as_array().unwrap()[1..].iter().map(|entry| &entry["action"]).collect();
    assert_eq!(
        actions,
        [
            "key.rotated",
            "invitation.resent",
            "key.revoked",
            "key.rotated",
            "invitation.resent",
            "invitation.revoked"
        ]
    );
    assert!(audit.as_array().unwrap()[1..].iter().all(|entry| entry["actor"] == "operator"));
}
