use reqwest::Method;

use crate::support::{Reply, TestServer, new_key, valid_body};

/// Requests `path` as a browser that accepts `encoding`.
async fn fetch(server: &TestServer, path: &str, cookie: &str, encoding: &str) -> Reply {
    let request = server.request(Method::GET, path).header("cookie", cookie);
    server.send(request.header("accept-encoding", encoding)).await
}

#[tokio::test]
async fn pages_are_compressed_in_an_encoding_that_the_browser_accepts() {
    let server = TestServer::shared().await;
    let cookie = server.session("ADMIN").await;
    let plain = fetch(&server, "/provision", &cookie, "identity").await;
    assert_eq!(plain.header("content-encoding"), "");
    for (accepted, chosen) in [("gzip, deflate, br", "br"), ("gzip", "gzip")] {
        let page = fetch(&server, "/provision", &cookie, accepted).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-encoding"), chosen);
        assert!(page.header("vary").to_lowercase().contains("accept-encoding"));
        assert!(page.header("content-security-policy").contains("'nonce-"));
        assert!(page.text.len() < plain.text.len() / 2, "{} of {} bytes", page.text.len(), plain.text.len());
    }
}

#[tokio::test]
async fn a_long_json_response_is_compressed_and_a_short_one_is_not() {
    let server = TestServer::shared().await;
    let token = server.token("ADMIN");
    for _ in 0..5 {
        server.provision(&token, &new_key(), &valid_body()).await;
    }
    let cookie = server.session("ADMIN").await;
    let list = fetch(&server, "/api/v1/admin/provisioning-requests", &cookie, "br").await;
    assert_eq!((list.status, list.header("content-encoding")), (200, "br"));
    let short = fetch(&server, "/api/v1/admin/nothing", &cookie, "br").await;
    assert_eq!(short.header("content-encoding"), "");
}

#[tokio::test]
async fn the_response_to_a_post_is_not_compressed_because_it_may_contain_a_secret() {
    let server = TestServer::shared().await;
    let request = server.provision_request(&server.token("ADMIN")).header("idempotency-key", new_key());
    let reply = server.send(request.header("accept-encoding", "br, gzip").json(&valid_body())).await;
    assert_eq!(reply.header("content-encoding"), "");
    assert_eq!(reply.status, 201);
    assert!(reply.text.len() > 1024, "{} bytes would not be compressed anyway", reply.text.len());
}
