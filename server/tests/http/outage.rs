use std::time::Duration;

use serde_json::json;

use crate::support::{TestServer, good_body, new_key};

#[tokio::test]
async fn a_stopped_database_is_a_503_and_mends_by_itself() {
    let server = TestServer::start();
    let (token, cookie) = (server.token("ADMIN"), server.session("ADMIN").await);
    let (key, body) = (new_key(), good_body());
    server.folder.stop_postgres();

    let refused = server.provision(&token, &key, &body).await;
    refused.problem(503, "DATABASE_UNAVAILABLE");
    assert_eq!(refused.header("retry-after"), "2");
    let called = server.call("past_runs", &token, &json!({})).await;
    called.failure(503, "DATABASE_UNAVAILABLE");
    assert_eq!(called.header("retry-after"), "2");
    assert_eq!(server.get("/readyz", "").await.status, 503);
    assert_eq!(server.page("/healthz", "").await.status, 200);
    let page = server.page("/provision", &cookie).await;
    assert_eq!((page.status, page.header("retry-after")), (503, "2"));
    assert!(
        page.header("content-type").starts_with("text/html")
            && page.text.contains("The database cannot be reached.")
    );

    // Any command starts the private PostgreSQL where it is not running.
    assert!(server.command(&["migrate"], "").status.success());
    for _ in 0..100 {
        if server.get("/readyz", "").await.status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let made = server.provision(&token, &key, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(server.page("/provision", &cookie).await.status, 200);
}
