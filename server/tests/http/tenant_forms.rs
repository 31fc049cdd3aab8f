//! The forms on the page of a tenant, posted without JavaScript.

use serde_json::{Value, json};

use crate::support::{TestServer, new_key, valid_body};

/// Creates a tenant and returns its code.
async fn create_tenant(server: &TestServer) -> String {
    let created = server.provision(&server.token("ADMIN"), &new_key(), &valid_body()).await.json();
    created["tenant"]["code"].as_str().unwrap().to_owned()
}

/// The version that a rendered form sends back.
fn version_of(page: &str) -> String {
    let input = page.split("<input ").find(|input| input.contains("name=\"version\"")).unwrap();
    let value = input.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
    value.replace("&quot;", "\"")
}

#[tokio::test]
async fn an_admin_saves_a_form_with_the_version_that_it_has_loaded() {
    let server = TestServer::shared().await;
    let (code, admin) = (create_tenant(&server).await, server.session("ADMIN").await);
    let path = format!("/tenants/{code}?edit=branding");
    let version = version_of(&server.page(&path, &admin).await.text);
    let form = |version, primary| {
        [("form", "branding"), ("version", version), ("theme", "ocean"), ("colorPrimary", primary)]
    };
    let refused = server.post_form(&path, &admin, &form(&version, "#ffff00")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("White text is hard to read") && refused.text.contains("#ffff00"));
    let saved = server.post_form(&path, &admin, &form(&version, "#1D4ED8")).await;
    assert_eq!((saved.status, saved.header("location")), (303, &*format!("/tenants/{code}#branding")));
    let outdated = server.post_form(&path, &admin, &form(&version, "#334155")).await;
    assert_eq!(outdated.status, 412);
    assert!(outdated.text.contains("Somebody else has changed the branding meanwhile"));
    assert_ne!(version_of(&outdated.text), version);
    let without_version = server.post_form(&path, &admin, &form("", "#334155")).await;
    assert_eq!(without_version.status, 428);
    let stored = server.get(&format!("/api/v1/admin/tenants/{code}/branding"), &server.token("VIEWER")).await;
    assert_eq!(stored.json()["colorPrimary"], "#1d4ed8");
}

#[tokio::test]
async fn only_an_admin_sees_and_saves_a_form() {
    let server = TestServer::shared().await;
    let (code, viewer) = (create_tenant(&server).await, server.session("VIEWER").await);
    let (admin, path) = (server.session("ADMIN").await, format!("/tenants/{code}?edit=terms"));
    let version = version_of(&server.page(&path, &admin).await.text);
    let page = server.page(&path, &viewer).await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("name=\"version\""));
    let form = [("form", "terms"), ("version", version.as_str()), ("name", "Silver Spoon")];
    assert_eq!(server.post_form(&path, &viewer, &form).await.status, 403);
    assert_eq!(server.post_form(&path, "", &form).await.status, 303);
    assert_eq!(server.post_form(&path, &admin, &[("form", "other")]).await.status, 422);
    let read =
        async || server.get(&format!("/api/v1/admin/tenants/{code}"), &server.token("VIEWER")).await.json();
    assert_ne!(read().await["name"], "Silver Spoon");
    assert_eq!(server.post_form(&path, &admin, &form).await.status, 303);
    let changed = read().await;
    assert_eq!((&changed["name"], &changed["featureOverrides"]), (&json!("Silver Spoon"), &json!({})));
}

#[tokio::test]
async fn a_viewer_cannot_call_the_functions_of_the_forms() {
    let server = TestServer::shared().await;
    let (code, viewer) = (create_tenant(&server).await, server.token("VIEWER"));
    let values = Value::Array(vec![json!(["name", "Silver Spoon"])]);
    let arguments = json!({ "tenant": code, "form": "terms", "version": "1", "values": values });
    server.call("change_tenant", &viewer, &arguments).await.failure(403, "FORBIDDEN");
    let arguments = json!({ "tenant": code, "slug": "silver-spoon", "version": 1 });
    server.call("rename_tenant", &viewer, &arguments).await.failure(403, "FORBIDDEN");
}
