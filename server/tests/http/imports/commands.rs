use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use serde_json::json;

use super::clients;
use crate::support::TestServer;

/// Writes `client.yaml` files below the data directory of a server.
pub(super) fn write_tree(server: &TestServer, count: usize) -> PathBuf {
    let directory = server.data_directory.path().join("clients-to-import");
    for (path, text) in clients(count) {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

#[tokio::test]
async fn commands_import_and_export_trees() {
    let server = TestServer::start();
    let tree = write_tree(&server, 5);
    let directory = tree.to_str().unwrap();
    let owners = server.data_directory.path().join("people.csv");
    fs::write(&owners, "tenant_id,email,name,role\nclient_001,ada@people.example,Ada,owner\n").unwrap();
    let owners = owners.to_str().unwrap();

    let preview = server.command(&["import", "yaml", directory, "--dry-run"], "");
    let text = String::from_utf8(preview.stdout).unwrap();
    assert!(preview.status.success());
    assert!(text.contains("client_001/client.yaml: create customer-1, without an owner"), "{text}");
    assert!(text.ends_with("Nothing was changed, because this was a dry run.\n"), "{text}");
    assert_eq!(server.data_directory.sql("SELECT count(*) FROM tenants"), "0");

    let report = server.command_json(&["import", "yaml", directory, "--owners", owners, "--json"]);
    assert_eq!((&report["counts"]["create"], &report["counts"]["withoutOwner"]), (&json!(5), &json!(4)));
    let status = "SELECT string_agg(status, ' ' ORDER BY external_id) FROM tenants";
    let expected = "setup_incomplete active setup_incomplete setup_incomplete setup_incomplete";
    assert_eq!(server.data_directory.sql(status), expected);
    let report = server.command_json(&["import", "yaml", directory, "--owners", owners, "--json"]);
    assert_eq!(report["counts"]["unchanged"], 5);

    let target = server.data_directory.path().join("exported");
    let exported = server.command_json(&["export", "yaml", target.to_str().unwrap(), "--json"]);
    assert_eq!(exported, json!({ "tenants": 5, "changedFiles": 6 }));
    let file = target.join("client_003/client.yaml");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(file).unwrap().contains("token: \"${TOKEN}\""));
    let refused = server.command(&["export", "yaml", directory], "");
    assert!(!refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("was not written by an export"));
}

#[tokio::test]
async fn a_refused_file_makes_the_command_fail_and_the_others_are_imported() {
    let server = TestServer::start();
    let tree = write_tree(&server, 2);
    fs::write(
        tree.join("client_000/client.yaml"),
        "client:\n  name: A\n  currency: EURO\n  password: hunter2\n",
    )
    .unwrap();
    let output = server.command(&["import", "yaml", tree.to_str().unwrap()], "");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success());
    assert!(text.contains("client_000/client.yaml:3:13: error: client.currency: "), "{text}");
    assert!(text.contains(">    3 |   currency: EURO"), "{text}");
    assert!(text.contains("client_000/client.yaml:4:13: error: client.password: "), "{text}");
    assert!(!text.contains("hunter2") && !String::from_utf8(output.stderr).unwrap().contains("hunter2"));
    assert_eq!(server.data_directory.sql("SELECT external_id FROM tenants"), "client_001");
    let nothing = server.command(&["import", "yaml", "/nowhere"], "");
    assert!(String::from_utf8(nothing.stderr).unwrap().contains("cannot read /nowhere"));
}
