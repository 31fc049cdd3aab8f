//! A server that cannot run fails at start and reports every reason.

use std::{
    net::TcpListener,
    process::{Command, Output},
};

use test_support::{old_postgres::OldPostgres, pgbouncer::PgBouncer};

use crate::support::TestServer;

/// Runs `tenantry serve` with only these variables, for at most two minutes.
fn serve(variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new("/usr/bin/timeout");
    command
        .args(["120", env!("CARGO_BIN_EXE_tenantry"), "serve"])
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

/// Runs `tenantry serve` with this database.
fn serve_with_database(server: &TestServer, url: &str) -> Output {
    let data = server.data_directory.path().join("start");
    serve(&[
        ("DATABASE_URL", url),
        ("TENANTRY_LISTEN", "127.0.0.1:0"),
        ("TENANTRY_SITE_ROOT", "tests/site"),
        ("TENANTRY_DATA_DIR", data.to_str().unwrap()),
    ])
}

#[track_caller]
fn assert_fails_with(output: &Output, messages: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{text}");
    for message in messages {
        assert!(text.contains(message), "{message:?} is not in {text}");
    }
}

#[test]
fn a_missing_site_a_used_port_and_a_damaged_key_are_reported_together() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let directory = std::env::temp_dir().join(format!("tenantry-start-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("master.key"), "damaged").unwrap();
    let output = serve(&[
        ("TENANTRY_LISTEN", &port.local_addr().unwrap().to_string()),
        ("TENANTRY_SITE_ROOT", "/nonexistent"),
        ("TENANTRY_DATA_DIR", directory.to_str().unwrap()),
    ]);
    std::fs::remove_dir_all(&directory).unwrap();
    assert_fails_with(
        &output,
        &[
            "the server cannot start:",
            "cannot listen on 127.0.0.1:",
            "the site in /nonexistent is missing or incomplete",
            "does not contain a master key",
        ],
    );
}

#[tokio::test]
async fn a_refused_database_connection_stops_the_server_at_start() {
    let server = TestServer::shared().await;
    let url = server.data_directory.database_url();
    let missing = format!("{}/missing", url.strip_suffix("/tenantry").unwrap());
    let output = serve_with_database(&server, &missing);
    assert_fails_with(&output, &["the database cannot be used; check DATABASE_URL", "missing"]);
}

#[tokio::test]
async fn a_pooler_without_a_direct_url_stops_the_server_and_the_error_names_the_missing_setting() {
    let server = TestServer::shared().await;
    for settings in ["", "ignore_startup_parameters = extra_float_digits,options"] {
        let pooler = PgBouncer::start(&server.data_directory.database_url(), 2, settings);
        let output = serve_with_database(&server, &pooler.url("tenantry"));
        assert_fails_with(&output, &["such as PgBouncer. Set TENANTRY_DATABASE_DIRECT_URL to the URL of"]);
    }
    let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    assert_eq!(server.data_directory.sql(tables), "0");
}

#[tokio::test]
async fn a_direct_url_without_the_url_of_a_pooler_stops_the_server() {
    let server = TestServer::shared().await;
    let config = server.data_directory.path().join("direct.toml");
    let url = server.data_directory.database_url();
    std::fs::write(&config, format!("database_direct_url = {url:?}")).unwrap();
    let output = server.command(&["verify", "--config", config.to_str().unwrap()], "");
    assert_fails_with(&output, &["TENANTRY_DATABASE_DIRECT_URL is set, but DATABASE_URL is not"]);
}

#[tokio::test]
async fn a_database_older_than_postgresql_15_stops_the_server_at_start() {
    let (server, old) = (TestServer::shared().await, OldPostgres::start());
    let output = serve_with_database(&server, &old.url());
    assert_fails_with(&output, &["the server is PostgreSQL 14. Tenantry needs PostgreSQL 15 or later"]);
}
