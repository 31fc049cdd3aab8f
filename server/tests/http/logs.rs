use test_support::wait::{block_until, wait_for_value};

use crate::support::{TestServer, new_key, valid_body};

/// The logs of the server and of its PostgreSQL.
fn logs(server: &TestServer) -> String {
    let postgres = server.data_directory.path().join("postgres/postgres.log");
    server.log() + &std::fs::read_to_string(postgres).unwrap()
}

#[tokio::test]
async fn the_logs_contain_no_row_values() {
    let server = TestServer::start_with(&[("TENANTRY_LOG", "debug")]);
    let token = server.token("ADMIN");
    // PostgreSQL describes the whole row in the detail of these errors.
    server.data_directory.sql(
        "ALTER TABLE provisioning_requests ADD CONSTRAINT test_refusal CHECK (slug <> '-mallory');
         ALTER TABLE users ADD CONSTRAINT test_core CHECK (name <> 'Mallory Miller')",
    );
    let mut refused = valid_body();
    refused["slug"] = "-mallory".into();
    refused["owner"]["email"] = "mallory@example.com".into();
    server.provision(&token, &new_key(), &refused).await.problem(422, "CONSTRAINT_VIOLATION");
    let mut failed = valid_body();
    failed["owner"] = serde_json::json!({ "name": "Mallory Miller", "email": "mallory@example.com" });
    server.provision(&token, &new_key(), &failed).await.problem(422, "CONSTRAINT_VIOLATION");

    for line in ["a request failed", "the provisioning attempt failed"] {
        assert!(server.log().contains(line), "{line}");
    }
    let logs = logs(&server);
    for known in ["test_refusal", "test_core", "23514"] {
        assert!(logs.contains(known), "{known}");
    }
    assert!(!logs.to_lowercase().contains("mallory"), "{logs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_the_database_is_logged_at_most_once() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    assert_eq!(server.provision(&token, &new_key(), &valid_body()).await.status, 201);
    block_until("a killed process", || server.data_directory.kill_backend("checkpointer"));
    let (key, body) = (new_key(), valid_body());
    wait_for_value("a tenant", async || {
        (server.provision(&token, &key, &body).await.status == 201).then_some(())
    })
    .await;
    server.wait_until_ready().await;
    let log = server.log();
    let count = |text: &str| log.matches(text).count();
    assert!(count("the database is not ready") <= 1 && count("the migrations failed") <= 1, "{log}");
    // The message of a worker, and the notice that PostgreSQL sends to each connection.
    for line in ["could not run a job", "terminating connection"] {
        assert_eq!(count(line), 0, "{log}");
    }
}
