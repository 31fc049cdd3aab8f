use reqwest::{Method, RequestBuilder};

use crate::support::TestServer;

const FIELDS: [(&str, &str); 2] = [("email", "nobody@example.com"), ("password", "wrong")];

fn sign_in(server: &TestServer) -> RequestBuilder {
    server.request(Method::POST, "/login").form(&FIELDS)
}

#[tokio::test]
async fn only_our_own_pages_may_post() {
    let server = TestServer::shared().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("x-other", "neither header"),
    ] {
        let reply = server.send(sign_in(&server).header(name, value)).await;
        reply.problem(403, "FORBIDDEN");
    }
    for (name, value) in
        [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none"), ("origin", &server.origin)]
    {
        let reply = server.send(sign_in(&server).header(name, value)).await;
        assert_eq!(reply.status, 401, "{name}: {value}");
    }
}

#[tokio::test]
async fn sec_fetch_site_takes_precedence_over_origin() {
    let server = TestServer::shared().await;
    let request = sign_in(&server).header("sec-fetch-site", "cross-site").header("origin", &server.origin);
    server.send(request).await.problem(403, "FORBIDDEN");
}

#[tokio::test]
async fn another_site_cannot_use_a_session() {
    let server = TestServer::shared().await;
    let cookie = server.session("ADMIN").await;
    let request = server.request(Method::POST, "/api/v1/admin/tenants").header("cookie", &cookie);
    server.send(request).await.problem(403, "FORBIDDEN");
    let request = server
        .request(Method::POST, "/logout")
        .header("cookie", &cookie)
        .header("sec-fetch-site", "same-site");
    server.send(request).await.problem(403, "FORBIDDEN");
    let request = server
        .request(Method::POST, "/api/fn/read_estimate")
        .header("cookie", &cookie)
        .header("origin", "https://evil.example");
    server.send(request).await.failure(403, "FORBIDDEN");
    assert_eq!(server.page("/provisioning", &cookie).await.status, 200);
}

#[tokio::test]
async fn a_bearer_token_needs_no_origin() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    let request = server.provision_request(&token).header("origin", "https://elsewhere.example");
    server.send(request).await.problem(400, "IDEMPOTENCY_KEY_MISSING");
}
