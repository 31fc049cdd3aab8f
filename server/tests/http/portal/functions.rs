use serde_json::{Value, json};

use super::{Portal, call};
use crate::support::TestServer;

/// The functions that read a page.
const READING: [&str; 10] = [
    "portal_status",
    "open_portal_home",
    "open_portal_settings",
    "open_portal_branding",
    "open_portal_members",
    "open_portal_segments",
    "open_portal_packages",
    "open_portal_keys",
    "open_portal_usage",
    "open_portal_activity",
];

/// The functions that change the tenant, with valid arguments.
fn changing(tenant: &str) -> Vec<(&'static str, Value)> {
    let pairs = |pairs: &[(&str, &str)]| Value::from_iter(pairs.iter().map(|(a, b)| json!([a, b])));
    let branding = pairs(&[("theme", "plum")]);
    let segment = pairs(&[("action", "save"), ("slug", ""), ("name", "Families"), ("active", "true")]);
    let package = pairs(&[("action", "hide"), ("slug", "basic-package")]);
    vec![
        (
            "change_tenant",
            json!({ "tenant": tenant, "form": "branding", "version": "\"any\"", "values": branding }),
        ),
        ("change_catalog", json!({ "tenant": tenant, "kind": "segment", "values": segment })),
        ("change_catalog", json!({ "tenant": tenant, "kind": "package", "values": package })),
        ("create_key", json!({ "tenant": tenant, "name": "Till" })),
        ("rotate_key", json!({ "tenant": tenant, "key_id": uuid::Uuid::nil(), "overlap_hours": 0 })),
        ("revoke_key", json!({ "tenant": tenant, "key_id": uuid::Uuid::nil() })),
    ]
}

fn reading(tenant: &str) -> impl Iterator<Item = (&'static str, Value)> {
    READING.into_iter().map(move |function| {
        let filter = json!({ "q": "", "after": "" });
        (function, json!({ "tenant": tenant, "before": "", "filter": filter }))
    })
}

#[tokio::test]
async fn the_functions_of_a_tenant_are_not_found_for_a_stranger() {
    let server = TestServer::shared().await;
    let (portal, stranger) = (Portal::new(&server).await, Portal::new(&server).await);
    for (function, arguments) in reading(&portal.slug).chain(changing(&portal.slug)) {
        call(&server, &stranger.owner, function, &arguments).await.failure(404, "TENANT_NOT_FOUND");
    }
}

#[tokio::test]
async fn a_member_reads_everything_but_the_keys_and_changes_nothing() {
    let server = TestServer::shared().await;
    let (portal, other) = (Portal::new(&server).await, Portal::new(&server).await);
    let member = portal.add(&server, &other, "member");
    for (function, arguments) in reading(&portal.slug) {
        let reply = call(&server, member, function, &arguments).await;
        match function {
            "open_portal_keys" => reply.failure(403, "FORBIDDEN"),
            _ => assert_eq!(reply.status, 200, "{function}: {}", reply.text),
        }
    }
    for (function, arguments) in changing(&portal.slug) {
        call(&server, member, function, &arguments).await.failure(403, "FORBIDDEN");
    }
}

#[tokio::test]
async fn every_function_of_a_suspended_tenant_says_so() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    portal.suspend(&server).await;
    for (function, arguments) in reading(&portal.slug).chain(changing(&portal.slug)) {
        call(&server, &portal.owner, function, &arguments).await.failure(403, "TENANT_SUSPENDED");
    }
}

#[tokio::test]
async fn an_account_cannot_call_the_functions_of_the_console() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    for (function, arguments) in [
        ("open_tenant", json!({ "reference": portal.slug, "form": "" })),
        ("suspend_tenant", json!({ "tenant": portal.slug, "reason": "no" })),
        ("list_requests", json!({ "filter": {} })),
    ] {
        let reply = call(&server, &portal.owner, function, &arguments).await;
        assert_ne!(reply.status, 200, "{function}: {}", reply.text);
    }
    let terms = json!({
        "tenant": portal.slug, "form": "terms", "version": "1", "values": [["plan", "enterprise"]],
    });
    call(&server, &portal.owner, "change_tenant", &terms).await.failure(403, "FORBIDDEN");
}

#[tokio::test]
async fn an_admin_of_a_tenant_creates_a_key_whose_secret_is_returned_once() {
    let server = TestServer::shared().await;
    let (portal, other) = (Portal::new(&server).await, Portal::new(&server).await);
    let admin = portal.add(&server, &other, "admin");
    let arguments = json!({ "tenant": portal.slug, "name": "Till" });
    let created = call(&server, admin, "create_key", &arguments).await;
    assert_eq!(created.status, 200, "{}", created.text);
    let secret = created.json()["secret_key"].as_str().unwrap().to_owned();
    assert_eq!(server.get("/api/v1/settings", &secret).await.status, 200);
    let keys = call(&server, admin, "open_portal_keys", &json!({ "tenant": portal.slug })).await;
    assert!(keys.text.contains("Till") && !keys.text.contains(&secret));
}

#[tokio::test]
async fn the_activity_names_members_but_neither_employees_nor_reasons() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    portal.suspend(&server).await;
    portal.resume(&server).await;
    let arguments = json!({ "tenant": portal.slug, "kind": "package", "values": [["action", "hide"], ["slug", "basic-package"]] });
    assert_eq!(call(&server, &portal.owner, "change_catalog", &arguments).await.status, 200);
    let activity = json!({ "tenant": portal.slug, "before": "" });
    let activity = call(&server, &portal.owner, "open_portal_activity", &activity).await;
    let entries = activity.json()["content"]["entries"].clone();
    let text =
        |entry: &Value| format!("{} {}", entry["who"].as_str().unwrap(), entry["what"].as_str().unwrap());
    let texts: Vec<_> = entries.as_array().unwrap().iter().map(text).collect();
    assert_eq!(
        texts[..3],
        [
            "Ada Lovelace changed the package Basic Package",
            "Support resumed the tenant",
            "Support suspended the tenant",
        ]
    );
    assert_eq!(entries[0]["changes"], json!([{ "label": "Visible", "before": "yes", "after": "no" }]));
    assert!(!activity.text.contains("An unpaid bill"));
    assert_eq!(texts.last().unwrap(), "Support created the tenant");
}

#[tokio::test]
async fn the_activity_has_pages() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    let arguments = |action: &str| json!({ "tenant": portal.slug, "kind": "package", "values": [["action", action], ["slug", "basic-package"]] });
    for round in 0..52 {
        let action = if round % 2 == 0 { "hide" } else { "show" };
        assert_eq!(call(&server, &portal.owner, "change_catalog", &arguments(action)).await.status, 200);
    }
    let page = async |before: &str| {
        let arguments = json!({ "tenant": portal.slug, "before": before });
        call(&server, &portal.owner, "open_portal_activity", &arguments).await.json()["content"].clone()
    };
    let first = page("").await;
    assert_eq!(first["entries"].as_array().unwrap().len(), 50);
    let second = page(&first["next"].to_string()).await;
    assert_eq!(second["next"], Value::Null);
    let ids = |page: &Value| {
        page["entries"].as_array().unwrap().iter().map(|e| e["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert!(ids(&first).iter().min() > ids(&second).iter().max());
    assert_eq!(second["entries"].as_array().unwrap().last().unwrap()["what"], "created the tenant");
}
