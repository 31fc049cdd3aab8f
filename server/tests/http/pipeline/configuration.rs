use crate::support::{TestServer, new_key, valid_body};

#[tokio::test]
async fn all_problems_of_connector_settings_are_reported_at_once() {
    let server = TestServer::shared().await;
    let file = server.data_directory.path().join("problems.toml");
    let text = r#"
workers = 65
[copy]
url = "postgres://tenantry@db/postgres"
strategy = "fast"
[copy_service]
url = "https://copies.example.com"
[odoo18]
url = "odoo.example.com"
password = "swordfish"
[bridge]
url = "https://bridge.example.com"
[[blueprints]]
name = "Shop"
label = "Shop"
"#;
    std::fs::write(&file, text).unwrap();
    let output = server.command(&["migrate", "--config", file.to_str().unwrap()], "");
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    for part in [
        "workers in ",
        "must be a whole number from 0 to 64, not \"65\"",
        "copy and copy_service are both configured; keep one",
        "TENANTRY_COPY_SERVICE_TOKEN (copy_service.token) is missing",
        "must be file_copy or wal_log, not \"fast\"",
        "odoo18.url in ",
        "TENANTRY_ODOO18_LOGIN (odoo18.login) is missing, and the other settings of odoo18 need it",
        "TENANTRY_BRIDGE_TOKEN (bridge.token) is missing",
        "\"Shop\"",
        "the blueprint Shop copies a database but has no template",
    ] {
        assert!(message.contains(part), "{part:?} is not in {message}");
    }
    assert!(!message.contains("swordfish"), "{message}");
}

#[tokio::test]
async fn without_connectors_a_tenant_is_active_immediately() {
    let server = TestServer::shared().await;
    let provisioned = server.provision(&server.token("ADMIN"), &new_key(), &valid_body()).await;
    assert_eq!(provisioned.status, 201, "{}", provisioned.text);
    let provisioned = provisioned.json();
    assert_eq!(
        (&provisioned["pipeline"]["state"], &provisioned["tenant"]["status"]),
        (&"skipped".into(), &"active".into())
    );
}
