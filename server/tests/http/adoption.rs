use reqwest::Method;

use crate::support::{TestServer, new_key, valid_body};

/// The earlier system, as the tests of the engine create it.
const EARLIER_SYSTEM: &str = include_str!("../../../crates/test-support/src/earlier_system.sql");
const TENANTS: &str = "
    INSERT INTO auth.users (id, email) VALUES ('00000000-0000-4000-8000-000000000001', 'mara@golden-spoon.example');
    INSERT INTO public.profiles (id, full_name) VALUES ('00000000-0000-4000-8000-000000000001', 'Mara Vogel');
    SELECT public.provision_tenant('00000000-0000-4000-8000-000000000001', 'Golden Spoon', 'golden-spoon', 'pro', 'de');
    INSERT INTO public.tenants (id, name, slug)
        VALUES ('00000000-0000-4000-8000-000000000009', 'Not valid', 'not_valid');
    INSERT INTO public.employees (user_id) VALUES ('00000000-0000-4000-8000-000000000001');";

fn server_with_earlier_system() -> TestServer {
    let server = TestServer::start();
    // The role of the server reads the tables, and is not their owner.
    server.data_directory.sql(EARLIER_SYSTEM);
    server.data_directory.sql(TENANTS);
    server
}

#[tokio::test]
async fn the_earlier_system_is_adopted_by_a_command_while_the_server_runs() {
    let server = server_with_earlier_system();
    let url = server.data_directory.database_url();
    let refused = server.command(&["adopt", &url], "");
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success(), "{text}");
    let statements = text.split_once("run: ").expect("statements").1;
    let statements = statements.lines().next().unwrap();
    assert!(text.contains("the role tenantry may not read public.tenants.id"), "{text}");
    server.data_directory.sql(statements);
    server.data_directory.sql("GRANT SELECT ON public.employees, public.profiles TO tenantry");

    let token = server.token("ADMIN");
    let taken = server.get("/api/v1/admin/availability/slug?slug=golden-spoon", &token).await.json();
    assert_eq!((&taken["available"], &taken["earlierTenant"]), (&false.into(), &"Golden Spoon".into()));
    let mut body = valid_body();
    body["slug"] = "golden-spoon".into();
    let problem = server.provision(&token, &new_key(), &body).await.problem(409, "DUPLICATE_SLUG");
    assert_eq!(problem["earlierTenant"], "Golden Spoon");
    let mut body = valid_body();
    body["owner"]["email"] = "Mara@Golden-Spoon.example".into();
    let problem = server.provision(&token, &new_key(), &body).await.problem(409, "EMAIL_UNAVAILABLE");
    assert_eq!(problem["reason"], "in_earlier_system");

    let preview = server.command_json(&["adopt", &url, "--dry-run", "--json"]);
    assert_eq!(
        (&preview["dryRun"], &preview["adopted"][0]["code"]),
        (&true.into(), &serde_json::Value::Null)
    );
    let report = server.command_json(&["adopt", &url, "--json"]);
    assert_eq!(report["adopted"][0]["ownerEmail"], "mara@golden-spoon.example");
    assert_eq!(report["notAdopted"][0]["reason"], "invalid_slug");
    assert_eq!((&report["complete"], &report["earlierEmployees"]), (&false.into(), &1.into()));
    let tenant = server.get("/api/v1/admin/tenants/golden-spoon", &token).await.json();
    assert_eq!((&tenant["status"], &tenant["owner"]["name"]), (&"active".into(), &"Mara Vogel".into()));

    let repeated = server.command(&["adopt", &url, "--invite"], "");
    let text = String::from_utf8(repeated.stdout).unwrap();
    for line in [
        "not adopted: public.tenants 00000000-0000-4000-8000-000000000009 (not_valid): A slug can only contain lowercase letters",
        "Tenants adopted: 0, adopted before: 1, not adopted: 1",
        "Invitations sent to owners: 1",
        "Employees of the earlier system: 1. They are not adopted. Create them with `tenantry admin create",
        "--retire drops the function.",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert_eq!(server.command_json(&["verify", "--json"])["ok"], true);
}

#[tokio::test]
async fn the_function_is_retired_by_a_command() {
    let server = server_with_earlier_system();
    let data = &server.data_directory;
    data.sql("CREATE ROLE owner_of_earlier LOGIN SUPERUSER PASSWORD 'secret'; GRANT USAGE ON SCHEMA auth TO tenantry;
        GRANT SELECT ON ALL TABLES IN SCHEMA public, auth TO tenantry");
    let url = data.database_url();
    let (_, rest) = url.split_once('@').unwrap();
    let owner = format!("postgres://owner_of_earlier:secret@{rest}");
    let functions = || data.sql("SELECT count(*) FROM pg_proc WHERE proname = 'provision_tenant'");
    assert_eq!(functions(), "2");

    let refused = server.command(&["adopt", &owner, "--retire"], "");
    let (text, error) = (String::from_utf8_lossy(&refused.stdout), String::from_utf8_lossy(&refused.stderr));
    assert!(
        !refused.status.success() && text.contains("TEN-00000001  golden-spoon  active"),
        "{text} {error}"
    );
    assert!(error.contains("1 tenants of the earlier system were not adopted"), "{error}");
    assert_eq!(functions(), "2");
    // The role of the server is the owner neither of the function nor of its schema.
    data.sql("ALTER SCHEMA public OWNER TO postgres");
    let refused = server.command(&["adopt", &url, "--retire", "--accept-not-adopted"], "");
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(error.contains("could not be dropped") && error.contains("must be owner of function"), "{error}");
    let retired = server.command_json(&["adopt", &owner, "--retire", "--accept-not-adopted", "--json"]);
    assert_eq!(retired["function"], "dropped");
    assert_eq!(functions(), "1");
    let audit = data.sql("SELECT actor_name FROM audit_log WHERE action = 'earlier_system.retired'");
    assert_eq!(audit, "operator");
    let page = server.request(Method::GET, "/api/v1/admin/availability/slug?slug=not-valid");
    assert_eq!(server.send(page.bearer_auth(server.token("ADMIN"))).await.status, 200);
}

#[tokio::test]
async fn an_unreachable_database_is_named_without_its_password() {
    let server = TestServer::shared().await;
    for (url, message) in [
        (
            "postgres://app:hunter2@127.0.0.1:1/none",
            "the earlier database could not be reached; check the URL",
        ),
        ("nonsense", "the URL of the earlier database is not valid"),
    ] {
        let output = server.command(&["adopt", url], "");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains(message) && !text.contains("hunter2"), "{text}");
    }
}
