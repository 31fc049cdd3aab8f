use reqwest::Method;

use crate::support::{PASSWORD, TestServer, new_key, valid_body};

#[tokio::test]
async fn every_response_has_the_security_headers() {
    let server = TestServer::shared().await;
    for path in ["/healthz", "/login", "/provision", "/nothing", "/api/v1/nothing", "/pkg/nothing.js"] {
        let reply = server.page(path, "").await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(reply.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(reply.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(reply.header("permissions-policy").contains("camera=()"), "{path}");
        assert!(reply.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        assert_eq!(reply.header("strict-transport-security"), "", "{path}");
    }
}

#[tokio::test]
async fn scripts_need_the_nonce_of_their_response() {
    let server = TestServer::shared().await;
    let mut policies = Vec::new();
    for _ in 0..2 {
        let reply = server.page("/login", "").await;
        let policy = reply.header("content-security-policy").to_owned();
        let nonce =
            policy.split_once("'nonce-").and_then(|(_, rest)| rest.split_once('\'')).expect("a nonce").0;
        assert!(reply.text.contains(&format!("nonce=\"{nonce}\"")));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        policies.push(policy);
    }
    assert_ne!(policies[0], policies[1]);
}

#[tokio::test]
async fn behind_a_tls_proxy_cookies_links_and_origins_use_the_public_url() {
    let public = "https://console.example.com";
    let server = TestServer::start_with(&[("TENANTRY_PUBLIC_URL", public)]);
    assert_eq!(server.origin, public);
    assert_eq!(server.page("/login", "").await.header("strict-transport-security"), "max-age=31536000");

    let email = server.create_employee("ADMIN");
    let fields = [("email", email.as_str()), ("password", PASSWORD)];
    let sign_in =
        |origin: &'static str| server.request(Method::POST, "/login").form(&fields).header("origin", origin);
    server.send(sign_in("http://console.example.com")).await.problem(403, "FORBIDDEN");
    let signed_in = server.send(sign_in(public)).await;
    let cookie = signed_in.header("set-cookie");
    assert!(cookie.starts_with("__Host-tenantry=") && cookie.contains("; Secure"), "{cookie}");
    assert!(!cookie.contains("Domain") && cookie.contains("; Path=/;"), "{cookie}");
    assert_eq!(server.page("/provision", &signed_in.cookie()).await.status, 200);

    let provisioned = server.provision(&server.token("ADMIN"), &new_key(), &valid_body()).await.json();
    let link = provisioned["owner"]["invitationUrl"].as_str().unwrap();
    assert!(link.starts_with(&format!("{public}/invitation/")), "{link}");
}
