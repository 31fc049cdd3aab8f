use reqwest::Method;
use serde_json::json;

use crate::support::{PASSWORD, TestServer, new_key};

const UNKNOWN_ID: &str = "01234567-89ab-cdef-0123-456789abcdef";

#[tokio::test]
async fn commands_work_with_and_without_a_running_server() {
    let server = TestServer::start();
    let token = server.token("ADMIN");
    assert_eq!(server.get("/api/v1/admin/provisioning-requests", &token).await.status, 200);
    let refused = server.command(&["demo"], "");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("workers are running"), "{refused:?}");
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
    assert!(server.stop());
    let first = server.command_json(&["demo", "--json"]);
    assert_eq!(first["created"].as_array().unwrap().len(), 60);
    assert_eq!(server.command_json(&["demo", "--json"])["created"].as_array().unwrap().len(), 0);
    let listed = server.command_json(&["admin", "list", "--json"]);
    let mut employees = listed["employees"].as_array().unwrap().iter();
    let admin = employees.find(|employee| employee["role"] == "ADMIN").unwrap();
    let email = admin["email"].as_str().unwrap();
    let erased = server.command_json(&["person", "erase", email, "--yes", "--json"]);
    assert_eq!(erased["outcome"], "erased", "{erased}");
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
    assert_eq!(server.command_json(&["audit", "verify", "--json"])["ok"], true);
    assert_eq!(
        server.command_json(&["cleanup", "--older-than", "1m", "--json"])["failedRequests"],
        json!([])
    );
    assert!(server.command(&["migrate"], "").status.success());
}

#[tokio::test]
async fn commands_revoke_access_while_the_server_runs() {
    let server = TestServer::start();
    let email = server.create_employee("SUPER_ADMIN");
    let session = async |password: &str| {
        server.post_form("/login", "", &[("email", &email), ("password", password)]).await
    };
    let is_signed_in = async |cookie: &str| server.page("/provisioning", cookie).await.status == 200;
    let first = session(PASSWORD).await.cookie();
    let sessions = server.command_json(&["session", "list", "--json"]);
    assert_eq!(sessions["sessions"][0]["employee"]["name"], "Test Employee");
    let id = sessions["sessions"][0]["id"].as_str().unwrap();
    assert!(server.command(&["session", "end", id], "").status.success());
    assert!(!is_signed_in(&first).await);

    let second = session(PASSWORD).await.cookie();
    let ended = server.command_json(&["session", "end", "--email", &email, "--json"]);
    assert!(ended["ended"] == 1 && !is_signed_in(&second).await, "{ended}");

    let third = session(PASSWORD).await.cookie();
    let new_password = "amber lantern meadow seven";
    assert!(server.command(&["admin", "password", "--email", &email], new_password).status.success());
    assert!(!is_signed_in(&third).await);
    assert_eq!(session(PASSWORD).await.status, 401);
    let fourth = session(new_password).await.cookie();

    let refused = server.command(&["admin", "disable", "--email", &email], "");
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && text.contains("last super admin who can sign in"), "{text}");
    server.create_employee("SUPER_ADMIN");
    let changed = server.command_json(&["admin", "role", "--email", &email, "--role", "VIEWER", "--json"]);
    assert_eq!((&changed["role"], &changed["status"]), (&"VIEWER".into(), &"active".into()));
    assert!(is_signed_in(&fourth).await);
    let disabled = server.command_json(&["admin", "disable", "--email", &email, "--json"]);
    assert!(disabled["status"] == "disabled" && !is_signed_in(&fourth).await);
    assert_eq!(session(new_password).await.status, 401);

    assert!(server.stop());
    assert!(server.command(&["admin", "enable", "--email", &email], "").status.success());
    let listed = server.command_json(&["admin", "list", "--json"]);
    let found = listed["employees"].as_array().unwrap().iter().find(|employee| employee["email"] == *email);
    assert_eq!(found.unwrap()["status"], "active");
}

#[tokio::test]
async fn commands_report_that_an_employee_without_a_password_cannot_sign_in_yet() {
    let server = TestServer::start();
    let ada = server.create_employee("SUPER_ADMIN");
    let body = json!({ "name": "Bob Stone", "email": "bob@example.com", "role": "SUPER_ADMIN" });
    let request = server.request(Method::POST, "/api/v1/admin/employees");
    let request = request.header("idempotency-key", new_key()).bearer_auth(server.token("SUPER_ADMIN"));
    let invited = server.send(request.json(&body)).await;
    assert_eq!(invited.status, 201, "{}", invited.text);

    let refused = server.command(&["admin", "disable", "--email", &ada], "");
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    let hint = "First give the role SUPER_ADMIN to another employee who has a password.";
    assert!(!refused.status.success() && text.contains(hint), "{text}");
    let run = |arguments: &[&str], input: &str| {
        let output = server.command(arguments, input);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let role = ["admin", "role", "--email", "bob@example.com", "--role"];
    assert_eq!(
        run(&[&role[..], &["ADMIN"]].concat(), ""),
        "Bob Stone <bob@example.com> has the role ADMIN, but no password to sign in with yet. \
         Set one with `tenantry admin password --email bob@example.com`.\n"
    );
    run(&["admin", "password", "--email", "bob@example.com"], PASSWORD);
    assert_eq!(
        run(&[&role[..], &["SUPER_ADMIN"]].concat(), ""),
        "Bob Stone <bob@example.com> can sign in as SUPER_ADMIN.\n"
    );
    assert_eq!(run(&["admin", "disable", "--email", &ada], "").lines().count(), 1);
}

#[tokio::test]
async fn a_token_is_listed_and_revoked_by_commands() {
    let server = TestServer::start();
    let token = server.token("VIEWER");
    let history = "/api/v1/admin/provisioning-requests";
    assert_eq!(server.get(history, &token).await.status, 200);
    let listed = server.command_json(&["token", "list", "--json"]);
    let listed = &listed["tokens"][0];
    assert_eq!((&listed["name"], &listed["status"]), (&"test".into(), &"active".into()));
    assert!(listed["createdBy"].is_null() && listed["lastUsedAt"].is_string(), "{listed}");
    assert!(server.command(&["token", "revoke", listed["id"].as_str().unwrap()], "").status.success());
    server.get(history, &token).await.problem(401, "UNAUTHENTICATED");
    let table = server.command(&["token", "list"], "");
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    let mut lines = table.lines();
    assert!(lines.next().unwrap().starts_with("ID "), "{table}");
    assert!(lines.next().unwrap().contains("  VIEWER  revoked  "), "{table}");
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
        (&["admin", "disable", "--email", "nobody@b.example"], "", "no employee has the e-mail address"),
        (&["admin", "role", "--email", "a@b.example", "--role", "BOSS"], "", "SUPER_ADMIN"),
        (&["token", "revoke", UNKNOWN_ID], "", "no token has the ID"),
        (&["session", "end", UNKNOWN_ID], "", "no session has the ID"),
        (&["session", "end"], "", "--email"),
        (&["key", "rotate", "nobody"], "", "TENANT_NOT_FOUND"),
        (&["key", "rotate", "nobody", "--overlap-hours", "169"], "", "--overlap-hours"),
        (&["invitation", "resend", "nobody"], "", "TENANT_NOT_FOUND"),
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
        "admin list",
        "admin disable",
        "admin enable",
        "admin role",
        "admin password",
        "token create",
        "token list",
        "token revoke",
        "session list",
        "session end",
        "key list",
        "key rotate",
        "key revoke",
        "invitation resend",
        "invitation revoke",
        "verify",
        "cleanup",
        "adopt",
        "demo",
        "settings",
    ] {
        let mut arguments: Vec<&str> = arguments.split(' ').collect();
        arguments.push("--help");
        let output = server.command(&arguments, "");
        assert!(String::from_utf8_lossy(&output.stdout).contains("Example:\n  "), "{arguments:?}");
    }
}
