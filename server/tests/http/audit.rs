//! The audit log over HTTP, and its commands.

use serde_json::Value;

use crate::support::{TestServer, new_key, valid_body};

const AUDIT: &str = "/api/v1/admin/audit";

/// Provisions a tenant, and returns its slug.
async fn provision(server: &TestServer, admin: &str) -> String {
    let created = server.provision(admin, &new_key(), &valid_body()).await.json();
    created["tenant"]["slug"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_admin_reads_and_exports_the_entries_of_a_tenant() {
    let server = TestServer::shared().await;
    let (admin, viewer) = (server.token("ADMIN"), server.token("VIEWER"));
    let slug = provision(&server, &admin).await;
    let list = server.get(&format!("{AUDIT}?q={slug}&area=tenants"), &admin).await;
    assert_eq!(list.status, 200, "{}", list.text);
    let entry = list.json()["entries"][0].clone();
    assert_eq!(
        (&entry["action"], &entry["clientAddress"]),
        (&"tenant.provisioned".into(), &"127.0.0.1".into())
    );

    let export = server.get(&format!("{AUDIT}/export?format=json&q={slug}"), &admin).await;
    assert_eq!(export.json()[0]["id"], entry["id"]);
    let export = server.get(&format!("{AUDIT}/export?format=csv&q={slug}"), &admin).await;
    assert!(
        export.text.starts_with("\u{feff}id,at,actor,actor id,client address,action,"),
        "{}",
        export.text
    );
    server.get(AUDIT, &viewer).await.problem(403, "FORBIDDEN");
    let refused = server.get(&format!("{AUDIT}?area=x&actor=x&from=x&to=x&after=x&limit=0"), &admin).await;
    let problem = refused.problem(422, "VALIDATION_ERROR");
    let fields: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["actor", "area", "from", "to", "after", "limit"]);
}

#[tokio::test]
async fn the_commands_verify_and_export_the_audit_log() {
    let server = TestServer::start();
    let slug = provision(&server, &server.token("ADMIN")).await;
    let report = server.command_json(&["audit", "verify", "--json"]);
    assert_eq!((&report["ok"], &report["verification"]["pending"]), (&true.into(), &0.into()));
    assert_eq!(
        report["verification"]["verified"].to_string(),
        server.data_directory.sql("SELECT count(*) FROM audit_log")
    );
    let exported = server.command(&["audit", "export", "--search", &slug], "");
    let exported = String::from_utf8(exported.stdout).unwrap();
    let entry: Value = serde_json::from_str(exported.lines().next().unwrap()).unwrap();
    assert_eq!(entry["action"], "tenant.provisioned");
}

#[tokio::test]
async fn a_removed_end_is_found_with_the_head_that_the_server_stored() {
    let server = TestServer::start();
    provision(&server, &server.token("ADMIN")).await;
    let data = &server.data_directory;
    let last = data.sql("SELECT max(id) FROM audit_log");
    let head = data.path().join("audit-head.json");
    test_support::wait::wait_for("the signed head", || {
        std::fs::read_to_string(&head).is_ok_and(|text| text.contains(&format!("\"position\": {last},")))
    })
    .await;
    data.sql(&format!(
        "ALTER TABLE audit_log DISABLE TRIGGER USER; ALTER TABLE audit_chain DISABLE TRIGGER USER;
         ALTER TABLE audit_salts DISABLE TRIGGER USER; DELETE FROM audit_log WHERE id = {last};
         DELETE FROM audit_chain WHERE entry_id = {last}; DELETE FROM audit_salts WHERE entry_id = {last}"
    ));
    let failed = server.command(&["audit", "verify"], "");
    let output = String::from_utf8(failed.stdout).unwrap();
    assert!(!failed.status.success() && output.contains("the last entries were removed"), "{output}");
    // The server does not replace the head, which is the evidence.
    assert!(std::fs::read_to_string(&head).unwrap().contains(&format!("\"position\": {last},")));
}
