use serde_json::json;

use crate::support::{TestServer, new_key, valid_body};

#[tokio::test]
async fn requests_get_503_until_a_stopped_database_runs_again() {
    let server = TestServer::start();
    let (token, cookie) = (server.token("ADMIN"), server.session("ADMIN").await);
    let (key, body) = (new_key(), valid_body());
    server.data_directory.stop_postgres();

    let refused = server.provision(&token, &key, &body).await;
    refused.problem(503, "DATABASE_UNAVAILABLE");
    assert_eq!(refused.header("retry-after"), "2");
    let called = server.call("read_estimate", &token, &json!({})).await;
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
    let invitation = server.page("/invitation/a-token", "").await;
    assert_eq!((invitation.status, invitation.header("retry-after")), (503, "2"));
    assert!(
        invitation.text.contains("The database is not available.")
            && !invitation.text.contains("no longer valid"),
        "{}",
        invitation.text
    );

    // A command that needs the database starts the private PostgreSQL if it is not running.
    assert!(server.command(&["migrate"], "").status.success());
    server.wait_until_ready().await;
    let provisioned = server.provision(&token, &key, &body).await;
    assert_eq!(provisioned.status, 201, "{}", provisioned.text);
    assert_eq!(server.page("/provision", &cookie).await.status, 200);
}

#[tokio::test]
async fn the_server_waits_for_a_database_that_is_down_at_start() {
    // The database of the server under test is the private PostgreSQL of another server.
    let database_owner = TestServer::start();
    assert!(database_owner.stop());
    let url = database_owner.data_directory.database_url();
    let server = TestServer::start_with(&[("DATABASE_URL", &url)]);
    assert_eq!(server.page("/healthz", "").await.status, 200);
    server.get("/readyz", "").await.problem(503, "DATABASE_UNAVAILABLE");
    assert_eq!(server.page("/login", "").await.status, 200);

    database_owner.kill_and_restart();
    server.wait_until_ready().await;
    let provisioned = server.provision(&database_owner.token("ADMIN"), &new_key(), &valid_body()).await;
    assert_eq!(provisioned.status, 201, "{}", provisioned.text);
}
