use crate::support::{PASSWORD, TestServer};

#[tokio::test]
async fn commands_work_with_and_without_a_running_server() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    assert_eq!(server.get("/api/v1/admin/provisioning-requests", &token).await.status, 200);
    let first = server.command_json(&["demo", "--json"]);
    assert_eq!(first["created"].as_array().unwrap().len(), 5);
    assert_eq!(server.command_json(&["demo", "--json"])["created"].as_array().unwrap().len(), 0);
    assert!(server.stop());
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
    assert_eq!(
        server.command_json(&["cleanup", "--older-than", "1m", "--json"])["failedRequests"],
        serde_json::json!([])
    );
    assert!(server.command(&["migrate"], "").status.success());
}

/// The commands in `docs/OPERATIONS.md`, "Database copies".
#[tokio::test]
async fn the_documented_commands_open_and_close_databases_for_a_dump() {
    let server = TestServer::start();
    let data = &server.data_directory;
    for statement in
        ["CREATE DATABASE odoo_template", "CREATE DATABASE \"tenantry-pool-1\"", "CREATE DATABASE open"]
    {
        data.sql(statement);
    }
    data.sql("ALTER DATABASE odoo_template ALLOW_CONNECTIONS false; ALTER DATABASE \"tenantry-pool-1\" ALLOW_CONNECTIONS false");
    let guide = include_str!("../../../docs/OPERATIONS.md");
    let commands = guide.split("```sh\n").find(|block| block.starts_with("psql -XAt")).unwrap();
    let commands = commands.split("```").next().unwrap();
    let (open, close) = commands.split_once("# pg_upgrade or pg_dumpall\n").unwrap();
    let closed = "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE NOT datallowconn";
    data.shell(open);
    assert_eq!(data.sql(closed), "template0");
    data.shell(close);
    assert_eq!(data.sql(closed), "odoo_template template0 tenantry-pool-1");
}

#[tokio::test]
async fn a_command_names_its_invalid_argument() {
    let server = TestServer::shared().await;
    for (arguments, input, message) in [
        (&["admin", "create", "--email", "x", "--role", "ADMIN"][..], PASSWORD, "--email"),
        (&["admin", "create", "--email", "a@b.example", "--role", "ADMIN"], "short\n", "password"),
        (&["admin", "create", "--email", "a@b.example", "--role", "BOSS"], PASSWORD, "SUPER_ADMIN"),
        (&["token", "create", "--name", "", "--role", "ADMIN"], "", "--name"),
        (&["cleanup", "--older-than", "soon"], "", "10m"),
    ] {
        let output = server.command(arguments, input);
        assert!(!output.status.success(), "{arguments:?}");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains(message), "{text}");
    }
}

#[tokio::test]
async fn every_command_shows_an_example() {
    let server = TestServer::shared().await;
    for arguments in [
        "serve",
        "worker",
        "migrate",
        "admin create",
        "token create",
        "verify",
        "cleanup",
        "demo",
        "settings",
    ] {
        let mut arguments: Vec<&str> = arguments.split(' ').collect();
        arguments.push("--help");
        let output = server.command(&arguments, "");
        assert!(String::from_utf8_lossy(&output.stdout).contains("Example:\n  "), "{arguments:?}");
    }
}
