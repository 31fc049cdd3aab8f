//! Commands with a role that may read and write rows, but not create anything.

use crate::support::{PASSWORD, TestServer};

#[tokio::test]
async fn commands_do_not_need_the_create_privilege_on_the_database() {
    let server = TestServer::start();
    let data = &server.data_directory;
    data.sql(
        "CREATE ROLE clerk LOGIN PASSWORD 'clerk'; GRANT USAGE ON SCHEMA tenantry TO clerk;
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tenantry TO clerk;
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA tenantry TO clerk",
    );
    let may_create = "SELECT has_database_privilege('clerk', 'tenantry', 'CREATE') OR
                      has_schema_privilege('clerk', 'tenantry', 'CREATE')";
    assert_eq!(data.sql(may_create), "f");
    let url = data.database_url();
    let (_, address) = url.split_once('@').unwrap();
    let config = data.path().join("clerk.toml");
    std::fs::write(&config, format!("database_url = \"postgres://clerk:clerk@{address}\"")).unwrap();
    let command = |arguments: &[&str], input: &str| {
        server.command(&[arguments, &["--config", config.to_str().unwrap()]].concat(), input)
    };
    for (arguments, input) in [
        (&["verify"][..], ""),
        (&["token", "create", "--name", "clerk", "--role", "ADMIN"], ""),
        (&["admin", "create", "--email", "ada@example.com", "--role", "ADMIN", "--name", "Ada"], PASSWORD),
        (&["cleanup"], ""),
        // The schema is current.
        (&["migrate"], ""),
    ] {
        let output = command(arguments, input);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }

    data.sql("DELETE FROM function_sets");
    let output = command(&["verify"], "");
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("SCHEMA_OUT_OF_DATE") && text.contains("Run `tenantry migrate`"), "{text}");
    assert!(text.contains("permission denied for database tenantry"), "{text}");
}
