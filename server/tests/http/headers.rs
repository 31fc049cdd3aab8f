use crate::support::TestServer;

#[tokio::test]
async fn every_answer_carries_the_guarding_headers() {
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
async fn a_pages_scripts_need_the_nonce_of_this_one_answer() {
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
