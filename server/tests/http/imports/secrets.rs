//! Literal secrets of imported files, which are stored nowhere in clear.

use std::process::Command;

use flate2::Compression;
use serde_json::json;

use super::{compressed, upload, wait_for_import};
use crate::support::TestServer;

const SECRET: &str = "hunter2-in-a-client-file";

/// Whether a file of the data directory or of its PostgreSQL, such as a table or the write-ahead log, contains a text.
fn is_on_disk(server: &TestServer, text: &str) -> bool {
    let data = &server.data_directory;
    data.sql("CHECKPOINT");
    let found = Command::new("grep")
        .args(["-rlaF", text])
        .args([data.path(), &data.path().join("postgres")])
        .output()
        .unwrap();
    !found.stdout.is_empty()
}

#[tokio::test]
async fn a_literal_secret_is_neither_on_the_disk_nor_in_the_log() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    let client = format!("client:\n  name: Plain Text {SECRET:.7}\ninfrastructure:\n  password: {SECRET}\n");
    // Without compression, the archive contains the secret in clear.
    let body = compressed(&[("golden-spoon/client.yaml", &client)], Compression::none());
    assert!(body.windows(SECRET.len()).any(|bytes| bytes == SECRET.as_bytes()));
    for (query, outcome) in [
        ("?dryRun=true", "refused"),
        ("", "refused"),
        ("?dryRun=true&encryptSecrets=true", "create"),
        ("?encryptSecrets=true", "create"),
    ] {
        let accepted = upload(&server, &token, query, body.clone()).await;
        let import = wait_for_import(&server, &token, accepted.header("location")).await;
        assert_eq!(import["counts"][outcome], json!(1), "{query}");
    }
    assert!(is_on_disk(&server, "Plain Text hunter2"), "the search must find what is stored in clear");
    let hex = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    for text in [SECRET.to_owned(), hex] {
        assert!(!is_on_disk(&server, &text), "{text}");
        assert!(!server.log().contains(&text), "{text}");
    }
}
