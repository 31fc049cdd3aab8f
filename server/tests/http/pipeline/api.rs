use reqwest::Method;
use serde_json::{Value, json};

use super::path;
use crate::support::{TestServer, new_key, valid_body};

/// Provisions a tenant. Returns the response, and the body that confirms a rollback of the tenant.
async fn provision(server: &TestServer, token: &str) -> (Value, Value) {
    let body = valid_body();
    let provisioned = server.provision(token, &new_key(), &body).await.json();
    (provisioned, json!({ "slug": body["slug"], "reason": "a test" }))
}

#[tokio::test]
async fn a_request_without_a_dead_step_has_no_actions() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let (provisioned, confirmation) = provision(&server, &token).await;
    let unknown = "01234567-89ab-cdef-0123-456789abcdef";
    for (id, status, code) in [
        (provisioned["requestId"].as_str().unwrap(), 409, "INVALID_TRANSITION"),
        (unknown, 404, "RESOURCE_NOT_FOUND"),
        ("not-an-id", 404, "RESOURCE_NOT_FOUND"),
    ] {
        for action in ["/retry", "/rollback"] {
            let request = server.request(Method::POST, &path(id, action)).bearer_auth(&token);
            server.send(request.json(&confirmation)).await.problem(status, code);
        }
    }
}

#[tokio::test]
async fn actions_need_an_admin_and_refuse_a_session_from_another_origin() {
    let server = TestServer::shared().await;
    let (provisioned, confirmation) = provision(&server, &server.token("ADMIN")).await;
    let (viewer, cookie) = (server.token("VIEWER"), server.session("ADMIN").await);
    for action in ["/retry", "/skip", "/rollback"] {
        let path = path(provisioned["requestId"].as_str().unwrap(), action);
        let post = || server.request(Method::POST, &path).json(&confirmation);
        server.send(post()).await.problem(401, "UNAUTHENTICATED");
        server.send(post().bearer_auth(&viewer)).await.problem(403, "FORBIDDEN");
        server.send(post().header("cookie", &cookie)).await.problem(403, "FORBIDDEN");
        let foreign = post().header("cookie", &cookie).header("origin", "https://evil.example");
        server.send(foreign).await.problem(403, "FORBIDDEN");
        let own = post().header("cookie", &cookie).header("origin", &server.origin);
        server.send(own).await.problem(409, "INVALID_TRANSITION");
    }
}

#[tokio::test]
async fn a_rollback_needs_the_slug_of_the_tenant_and_a_reason() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let (provisioned, confirmation) = provision(&server, &token).await;
    let path = path(provisioned["requestId"].as_str().unwrap(), "/rollback");
    let slug = &confirmation["slug"];
    for (body, fields) in [
        (json!({}), &["slug", "reason"][..]),
        (json!({ "slug": slug, "reason": " " }), &["reason"]),
        (json!({ "slug": slug, "reason": "x".repeat(501) }), &["reason"]),
        (json!({ "reason": "a test" }), &["slug"]),
        (json!({ "slug": "another-slug", "reason": "a test" }), &["slug"]),
    ] {
        let reply = server.send(server.request(Method::POST, &path).bearer_auth(&token).json(&body)).await;
        reply.problem(422, "VALIDATION_ERROR");
        assert_eq!(reply.fields(), fields);
    }
    let call = json!({ "id": provisioned["requestId"], "slug": "another-slug", "reason": "a test" });
    server.call("rollback", &token, &call).await.failure(422, "VALIDATION_ERROR");
    let without_body = server.send(server.request(Method::POST, &path).bearer_auth(&token)).await;
    assert_eq!(without_body.status, 415);
}
