use test_support::wait::block_until;

use super::{clients_archive, commands::write_tree, upload, wait_for_import};
use crate::support::TestServer;

const FOLDERS: usize = 150;

/// Waits until a part of the tenants has been created.
fn wait_for_tenants(server: &TestServer, count: usize) {
    let sql = format!("SELECT count(*) >= {count} FROM tenants");
    block_until("some tenants", || server.data_directory.sql(&sql) == "t");
}

fn assert_complete(server: &TestServer) {
    let counts =
        "SELECT concat_ws(' ', count(*), count(DISTINCT external_id), count(DISTINCT slug)) FROM tenants";
    assert_eq!(server.data_directory.sql(counts), format!("{FOLDERS} {FOLDERS} {FOLDERS}"));
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_continues_after_its_server_was_killed() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    let accepted = upload(&server, &token, "", clients_archive(FOLDERS)).await;
    wait_for_tenants(&server, 10);
    server.kill_and_restart();
    let import = wait_for_import(&server, &token, accepted.header("location")).await;
    assert_eq!(import["counts"]["create"], FOLDERS, "{}", import["counts"]);
    assert_complete(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_was_killed_can_be_repeated() {
    let server = TestServer::start();
    let tree = write_tree(&server, FOLDERS);
    let arguments = ["import", "yaml", tree.to_str().unwrap(), "--json"];
    // Dropping the command kills it.
    let command = server.spawn(&arguments);
    wait_for_tenants(&server, 10);
    drop(command);
    let report = server.command_json(&arguments);
    let number = |name: &str| report["counts"][name].as_u64().unwrap();
    assert_eq!(number("create") + number("unchanged"), FOLDERS as u64);
    assert!(number("unchanged") >= 10);
    assert_complete(&server);
}
