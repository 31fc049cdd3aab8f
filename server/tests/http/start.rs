//! A server that cannot run fails at start and reports every reason.

use std::{
    net::TcpListener,
    process::{Command, Output},
};

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
    let data = server.data_directory.path().join("start");
    let output = serve(&[
        ("DATABASE_URL", &missing),
        ("TENANTRY_LISTEN", "127.0.0.1:0"),
        ("TENANTRY_SITE_ROOT", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/site")),
        ("TENANTRY_DATA_DIR", data.to_str().unwrap()),
    ]);
    assert_fails_with(&output, &["the database refuses the connection; check DATABASE_URL", "missing"]);
}
