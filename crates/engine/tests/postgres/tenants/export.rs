use domain::{ErrorCode, Role};
use engine::{
    access::Actor,
    tenants::{delete_tenant, export_tenant, suspend_tenant},
};
use serde_json::Value;
use test_support::requests::assert_error;

use super::{SLUG, audited, new_tenant};

/// The names of all members of a document, at any depth.
fn names(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            found.push(name.clone());
            names(value, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn an_export_has_everything_of_the_tenant_and_no_secret() {
    let (db, admin, provisioned) = new_tenant().await;
    db.run(
        "INSERT INTO tenant_secrets (tenant_id, field, wrapped_key, ciphertext) SELECT id, 'odoo', 'a', 'b' FROM tenants;
         INSERT INTO tenant_usage (tenant_id, metric, period, used) SELECT id, 'quotes', '2026-11', 7 FROM tenants;
         INSERT INTO tenant_former_slugs (slug, tenant_id) SELECT 'old-spoon', id FROM tenants;
         UPDATE users SET password_hash = 'argon'",
    )
    .await;
    let by = Actor::from(admin.clone());
    let export = export_tenant(&db.engine, &by, SLUG).await.unwrap();
    assert_eq!(export.code, "TEN-00000001");
    let document = &export.document;
    for (pointer, expected) in [
        ("/format", "tenantry.tenant/1"),
        ("/tenant/slug", SLUG),
        ("/tenant/createdByName", admin.name.as_str()),
        ("/owner/email", "olive@golden-spoon.example.com"),
        ("/members/0/role", "owner"),
        ("/settings/timeZone", "UTC"),
        ("/keys/0/publicKey", provisioned.tenant.api_key_public.as_str()),
        ("/invitations/0/purpose", "owner_invitation"),
        ("/secrets/0/field", "odoo"),
        ("/usage/0/metric", "quotes"),
        ("/formerSlugs/0/slug", "old-spoon"),
        ("/request/status", "completed"),
        ("/request/attempts/0/status", "completed"),
        ("/jobs/0/state", "skipped"),
        ("/audit/0/action", "tenant.provisioned"),
    ] {
        assert_eq!(document.pointer(pointer).and_then(Value::as_str), Some(expected), "{pointer}");
    }
    assert_eq!(
        (document["segments"].as_array().unwrap().len(), document["packages"].as_array().unwrap().len()),
        (1, 3)
    );
    let mut found = Vec::new();
    names(document, &mut found);
    for secret in ["secretHash", "tokenHash", "passwordHash", "fingerprint", "wrappedKey", "ciphertext"] {
        assert!(!found.iter().any(|name| name == secret), "{secret}");
    }
    let text = document.to_string();
    assert!(!text.contains(provisioned.secret_key.as_ref().unwrap()) && !text.contains("argon"));
    assert_eq!(audited(&db, "tenant.exported").await, [admin.name]);
}

#[tokio::test]
async fn an_export_has_every_audit_entry_once_and_in_order() {
    let (db, admin, _) = new_tenant().await;
    // More than one page, and half of the entries name no request.
    db.run(
        "INSERT INTO audit_log (actor_name, action, subject_kind, subject_id, request_id, after)
         SELECT 'filler', 'filler', 'tenant', t.id, CASE n % 2 WHEN 0 THEN t.request_id END,
             jsonb_build_object('number', n)
         FROM tenants t, generate_series(1, 12000) n",
    )
    .await;
    let export = export_tenant(&db.engine, &Actor::from(admin), SLUG).await.unwrap();
    let audit = export.document["audit"].as_array().unwrap();
    assert_eq!((audit.len(), &audit[0]["action"]), (12_001, &Value::from("tenant.provisioned")));
    let numbers: Vec<_> = audit[1..].iter().map(|entry| entry["after"]["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=12_000).collect::<Vec<_>>());
    assert_eq!(audit[1]["requestId"], Value::Null);
}

#[tokio::test]
async fn every_table_with_rows_of_tenants_is_exported() {
    let (db, ..) = new_tenant().await;
    let document = db.text("SELECT export_tenant(id)::text FROM tenants").await;
    let document: Value = serde_json::from_str(&document).unwrap();
    let tables = "SELECT table_name::text FROM information_schema.columns
        WHERE table_schema = 'tenantry' AND column_name = 'tenant_id'
            AND table_name NOT IN ('jobs', 'memberships', 'provisioning_requests')";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&db.pool).await.unwrap();
    assert!(tables.len() > 8, "{tables:?}");
    for table in tables {
        assert!(document[&table].is_array(), "{table}");
    }
}

#[tokio::test]
async fn a_suspended_and_a_deleted_tenant_are_exported_until_the_purge() {
    let (db, admin, _) = new_tenant().await;
    let by = Actor::from(admin);
    suspend_tenant(&db.engine, &by, SLUG, "unpaid").await.unwrap();
    let status =
        async || export_tenant(&db.engine, &by, SLUG).await.unwrap().document["tenant"]["status"].clone();
    assert_eq!(status().await, "suspended");
    delete_tenant(&db.engine, &by, SLUG, SLUG).await.unwrap();
    assert_eq!(status().await, "deleted");
    db.run("UPDATE tenants SET purged_at = now(), owner_id = NULL").await;
    assert_error(export_tenant(&db.engine, &by, "TEN-00000001").await, ErrorCode::TenantNotFound);
    let tombstone = "SELECT (export_tenant(id) IS NULL)::int::bigint FROM tenants";
    assert_eq!(db.number(tombstone).await, 1);
}

#[tokio::test]
async fn a_viewer_exports_nothing() {
    let (db, ..) = new_tenant().await;
    let viewer = Actor::from(db.employee(Role::Viewer).await);
    assert_error(export_tenant(&db.engine, &viewer, SLUG).await, ErrorCode::Forbidden);
    assert_eq!(audited(&db, "tenant.exported").await.len(), 0);
}
