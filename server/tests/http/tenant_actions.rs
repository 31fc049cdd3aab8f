//! The server functions behind the actions on the page of a tenant.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestServer, new_key, valid_body};

/// Creates a tenant and returns its slug.
async fn create_tenant(server: &TestServer, token: &str) -> String {
    let created = server.provision(token, &new_key(), &valid_body()).await.json();
    created["tenant"]["slug"].as_str().unwrap().to_owned()
}

/// The fields and rules that a server function refused.
fn refused_fields(failure: &Value) -> Vec<String> {
    let errors = failure["Problem"]["errors"].as_array().unwrap();
    let text = |error: &Value, member: &str| error[member].as_str().unwrap().to_owned();
    errors.iter().map(|error| format!("{} {}", text(error, "field"), text(error, "rule"))).collect()
}

#[tokio::test]
async fn a_viewer_cannot_call_the_actions_of_a_tenant() {
    let server = TestServer::shared().await;
    let (admin, viewer) = (server.token("ADMIN"), server.token("VIEWER"));
    let tenant = create_tenant(&server, &admin).await;
    let id = uuid::Uuid::nil();
    for (function, arguments) in [
        ("suspend_tenant", json!({ "tenant": tenant, "reason": "x" })),
        ("resume_tenant", json!({ "tenant": tenant })),
        ("delete_tenant", json!({ "tenant": tenant, "slug": tenant })),
        ("restore_tenant", json!({ "tenant": tenant })),
        (
            "set_owner",
            json!({ "tenant": tenant, "name": "x", "email": "x@example.com", "use_existing_account": true }),
        ),
        ("change_owner_account", json!({ "tenant": tenant, "name": "x", "email": "x@example.com" })),
        ("create_key", json!({ "tenant": tenant, "name": "x" })),
        ("revoke_key", json!({ "tenant": tenant, "key_id": id })),
    ] {
        let reply = server.call(function, &viewer, &arguments).await;
        assert_eq!(reply.status, 403, "{function}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_refused_action_names_every_invalid_field() {
    let server = TestServer::shared().await;
    let admin = server.token("ADMIN");
    let tenant = create_tenant(&server, &admin).await;
    for (function, arguments, status, expected) in [
        ("suspend_tenant", json!({ "tenant": tenant, "reason": " " }), 422, vec!["reason required"]),
        ("delete_tenant", json!({ "tenant": tenant, "slug": "other" }), 422, vec!["slug mismatch"]),
        (
            "set_owner",
            json!({ "tenant": tenant, "name": "", "email": "x", "use_existing_account": false }),
            422,
            vec!["name required", "email missing_at"],
        ),
        (
            "change_owner_account",
            json!({ "tenant": tenant, "name": "", "email": "x" }),
            422,
            vec!["name required", "email missing_at"],
        ),
        ("create_key", json!({ "tenant": tenant, "name": "Default" }), 409, vec!["name taken"]),
    ] {
        let reply = server.call(function, &admin, &arguments).await;
        assert_eq!(reply.status, status, "{function}: {}", reply.text);
        assert_eq!(refused_fields(&reply.json()), expected, "{function}");
    }
    let reply = server.call("restore_tenant", &admin, &json!({ "tenant": tenant })).await;
    assert_eq!(reply.status, 409, "{}", reply.text);
    assert_eq!(refused_fields(&reply.json()), ["status not_deleted"]);
}

#[tokio::test]
async fn a_deleted_tenant_is_restored_to_its_status_before() {
    let server = TestServer::shared().await;
    let admin = server.token("ADMIN");
    let tenant = create_tenant(&server, &admin).await;
    for (function, arguments, status) in [
        ("suspend_tenant", json!({ "tenant": tenant, "reason": "Unpaid." }), "suspended"),
        ("delete_tenant", json!({ "tenant": tenant, "slug": tenant }), "deleted"),
        ("restore_tenant", json!({ "tenant": tenant }), "suspended"),
        ("resume_tenant", json!({ "tenant": tenant }), "active"),
    ] {
        let reply = server.call(function, &admin, &arguments).await;
        assert_eq!(reply.status, 200, "{function}: {}", reply.text);
        let record = server.get(&format!("/api/v1/admin/tenants/{tenant}"), &admin).await.json();
        assert_eq!(record["status"], status, "{function}");
    }
}

#[tokio::test]
async fn the_audit_log_names_the_address_of_the_client() {
    let server = TestServer::shared().await;
    let admin = server.token("ADMIN");
    let tenant = create_tenant(&server, &admin).await;
    let suspension = json!({ "tenant": tenant, "reason": "Unpaid" });
    assert_eq!(server.call("suspend_tenant", &admin, &suspension).await.status, 200);
    let resume = server.request(Method::POST, &format!("/api/v1/admin/tenants/{tenant}/resume"));
    assert_eq!(server.send(resume.bearer_auth(&admin)).await.status, 200);
    let entries = server.data_directory.sql(&format!(
        "SELECT string_agg(a.action || ' ' || coalesce(client_address, 'unknown'), ', ' ORDER BY a.id)
         FROM audit_log a JOIN tenants t ON t.id = a.subject_id WHERE t.slug = '{tenant}'"
    ));
    let expected = "tenant.provisioned 127.0.0.1, tenant.suspended 127.0.0.1, tenant.resumed 127.0.0.1";
    assert_eq!(entries, expected);
}
