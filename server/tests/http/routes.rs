use reqwest::Method;
use serde_json::Value;

use crate::support::{TestServer, new_key, valid_body};

#[tokio::test]
async fn healthz_and_readyz_report_the_process_and_its_database() {
    let server = TestServer::shared().await;
    assert_eq!(server.get("/healthz", "").await.status, 200);
    assert_eq!(server.get("/readyz", "").await.json()["status"], "ready");
}

#[tokio::test]
async fn an_unknown_path_is_a_404_in_the_requested_format() {
    let server = TestServer::shared().await;
    let token = server.token("VIEWER");
    for path in ["/api/v1/nothing", "/api/v1/admin/provisioning-requests/not-a-uuid"] {
        server.get(path, &token).await.problem(404, "RESOURCE_NOT_FOUND");
    }
    let reply =
        server.get("/api/v1/admin/provisioning-requests/01234567-89ab-cdef-0123-456789abcdef", &token).await;
    reply.problem(404, "RESOURCE_NOT_FOUND");
    server.call("nothing", &token, &Value::Null).await.failure(404, "RESOURCE_NOT_FOUND");
    let reply = server.page("/nothing/here", "").await;
    assert_eq!(reply.status, 404);
    assert!(reply.header("content-type").starts_with("text/html"));
}

#[tokio::test]
async fn a_wrong_method_is_a_405_with_the_allowed_methods() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    for (method, path, allowed) in [
        (Method::DELETE, "/api/v1/admin/tenants", "GET,HEAD,POST"),
        (Method::POST, "/api/v1/admin/provisioning-requests", "GET,HEAD"),
        (Method::PUT, "/login", "GET,HEAD,POST"),
    ] {
        let reply = server.send(server.request(method, path).bearer_auth(&token)).await;
        reply.problem(405, "RESOURCE_NOT_FOUND");
        assert_eq!(reply.header("allow").replace(' ', ""), allowed);
    }
}

#[tokio::test]
async fn the_api_needs_a_token_and_viewers_cannot_provision() {
    let server = TestServer::shared().await;
    let reply = server.send(server.request(Method::POST, "/api/v1/admin/tenants")).await;
    reply.problem(401, "UNAUTHENTICATED");
    assert!(reply.header("www-authenticate").starts_with("Bearer"));
    for token in ["", "x", "tnt_admin_wrong"] {
        server.get("/api/v1/admin/provisioning-requests", token).await.problem(401, "UNAUTHENTICATED");
    }
    let viewer = server.token("VIEWER");
    assert_eq!(server.get("/api/v1/admin/provisioning-requests", &viewer).await.status, 200);
    let key = new_key();
    server.provision(&viewer, &key, &valid_body()).await.problem(403, "FORBIDDEN");
    let record = format!("/api/v1/admin/provisioning-requests/by-key/{key}");
    server.get(&record, &viewer).await.problem(404, "RESOURCE_NOT_FOUND");
    for (token, code) in [("tnt_admin_wrong", "UNAUTHENTICATED"), (&viewer, "IDEMPOTENCY_KEY_MISSING")] {
        let without_key = server.request(Method::POST, "/api/v1/admin/tenants").bearer_auth(token);
        let status = if code == "UNAUTHENTICATED" { 401 } else { 400 };
        server.send(without_key.json(&valid_body())).await.problem(status, code);
    }
    server.get("/api/v1/admin/availability/email?email=a@b.example", &viewer).await.problem(403, "FORBIDDEN");
}

#[tokio::test]
async fn a_page_with_a_slash_at_its_end_redirects_to_the_page() {
    let server = TestServer::shared().await;
    let id = "01234567-89ab-cdef-0123-456789abcdef";
    for (path, page) in [
        ("/login/".to_owned(), "/login".to_owned()),
        ("/provision/".into(), "/provision".into()),
        ("/provisioning/?status=failed".into(), "/provisioning?status=failed".into()),
        (format!("/provisioning/{id}/"), format!("/provisioning/{id}")),
        ("/health/".into(), "/health".into()),
    ] {
        let reply = server.page(&path, "").await;
        assert_eq!((reply.status, reply.header("location")), (308, page.as_str()));
    }
}

#[tokio::test]
async fn an_authorization_of_another_scheme_does_not_hide_the_session() {
    let server = TestServer::shared().await;
    let cookie = server.session("VIEWER").await;
    let request = server.request(Method::GET, "/provisioning").header("cookie", &cookie);
    let reply = server.send(request.header("authorization", "Basic dXNlcjpwYXNzd29yZA==")).await;
    assert_eq!(reply.status, 200);
    let wrong = server.request(Method::GET, "/provisioning").header("cookie", &cookie).bearer_auth("wrong");
    assert_eq!(server.send(wrong).await.status, 303, "a bearer token comes first");
}

#[tokio::test]
async fn a_page_redirects_a_visitor_to_sign_in() {
    let server = TestServer::shared().await;
    let reply = server.page("/provisioning?status=failed", "").await;
    assert_eq!(reply.status, 303);
    assert_eq!(reply.header("location"), "/login?next=%2Fprovisioning%3Fstatus%3Dfailed");
    let cookie = server.session("VIEWER").await;
    assert_eq!(server.page("/provisioning?status=failed", &cookie).await.status, 200);
}
