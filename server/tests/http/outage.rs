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
            && page.text.contains("The database is not available.")
    );

    // Any command starts the private PostgreSQL where it is not running.
    assert!(server.command(&["migrate"], "").status.success());
    server.is_ready_soon().await;
    let made = server.provision(&token, &key, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(server.page("/provision", &cookie).await.status, 200);
}

#[tokio::test]
async fn a_database_that_is_not_there_at_the_start_is_waited_for() {
    let database = TestServer::start();
    assert!(database.stop());
    let url = database.folder.database_url();
    let server = TestServer::start_with(&[("DATABASE_URL", &url)]);
    assert_eq!(server.page("/healthz", "").await.status, 200);
    server.get("/readyz", "").await.problem(503, "DATABASE_UNAVAILABLE");
    assert_eq!(server.page("/login", "").await.status, 200);

    database.kill_and_restart();
    server.is_ready_soon().await;
    let made = server.provision(&database.token("ADMIN"), &new_key(), &good_body()).await;
    assert_eq!(made.status, 201, "{}", made.text);
}
