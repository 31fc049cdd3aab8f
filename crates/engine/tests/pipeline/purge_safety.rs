//! A purge removes all rows of its tenant but the tombstone, no row of another tenant, and no tenant that was
//! restored before.

use std::collections::BTreeMap;

use domain::{
    StepState, api_key::ApiKey, idempotency_key::IdempotencyKey, lifecycle::TenantChanges, usage::UsageReport,
};
use engine::{
    access::Actor,
    pipeline::{MaintenanceTimeouts, run_maintenance},
    tenants::{Precondition, TenantCaller, delete_tenant, report_usage, rotate_key, update_tenant},
};
use serde_json::json;
use test_support::pipeline_fixture::PipelineFixture;
use uuid::Uuid;

/// Creates an active tenant with rows in every table of tenants, and returns its ID.
async fn create_complete_tenant(fixture: &PipelineFixture, slug: &str) -> Uuid {
    let provisioned = fixture.provision(slug).await;
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    let (engine, by) = (&fixture.engine, Actor::from(fixture.admin.clone()));
    let program = TenantCaller::Key(ApiKey::parse(provisioned.secret_key.as_ref().unwrap()).unwrap());
    let report = UsageReport::parse(Some("quotes"), Some(3)).value.unwrap();
    let key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
    report_usage(engine, &program, report, &key, &json!({ "metric": "quotes" })).await.unwrap();
    rotate_key(engine, &TenantCaller::actor(by.clone(), slug), &engine::tenants::Rotation::default())
        .await
        .unwrap();
    let renamed = TenantChanges::from_json(&json!({ "slug": format!("{slug}-now") })).unwrap();
    update_tenant(engine, &by, slug, &Precondition::Any, &renamed).await.unwrap();
    let id = provisioned.tenant.id;
    // The fake external system has no secrets and reports no resources.
    fixture
        .db
        .run(&format!(
            "INSERT INTO tenant_secrets (tenant_id, field, wrapped_key, ciphertext)
             VALUES ('{id}', 'test', '', '');
             INSERT INTO tenant_resources (tenant_id, kind, external_reference)
             VALUES ('{id}', 'test', 'at {slug}')"
        ))
        .await;
    id
}

/// The number of rows of a tenant in each table with the column `tenant_id`.
async fn rows_of(fixture: &PipelineFixture, tenant: Uuid) -> BTreeMap<String, i64> {
    let mut rows = BTreeMap::new();
    let tables = "SELECT table_name::text FROM information_schema.columns
                  WHERE table_schema = 'tenantry' AND column_name = 'tenant_id'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&fixture.db.pool).await.unwrap();
    for table in tables {
        let count = format!("SELECT count(*) FROM {table} WHERE tenant_id = '{tenant}'");
        rows.insert(table, fixture.db.number(&count).await);
    }
    rows
}

/// The tables with a row that contains a text.
async fn tables_that_contain(fixture: &PipelineFixture, text: &str) -> Vec<String> {
    let tables = "SELECT relname::text FROM pg_class
                  WHERE relkind = 'r' AND relnamespace = 'tenantry'::regnamespace ORDER BY relname";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&fixture.db.pool).await.unwrap();
    let mut found = Vec::new();
    for table in tables {
        let count = format!("SELECT count(*) FROM {table} t WHERE t::text ILIKE '%{text}%'");
        if fixture.db.number(&count).await > 0 {
            found.push(table);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_leaves_no_row_but_the_tombstone_and_changes_no_other_tenant() {
    let fixture = PipelineFixture::new().await;
    let worker = fixture.worker();
    let purged = create_complete_tenant(&fixture, "golden-spoon").await;
    let kept = create_complete_tenant(&fixture, "silver-spoon").await;
    let before = rows_of(&fixture, purged).await;
    for table in [
        "api_keys",
        "memberships",
        "one_time_tokens",
        "packages",
        "segments",
        "tenant_branding",
        "tenant_calls",
        "tenant_former_slugs",
        "tenant_resources",
        "tenant_secrets",
        "tenant_settings",
        "tenant_usage",
    ] {
        assert!(before[table] > 0, "{table}: {before:?}");
    }
    let (kept_before, tenants) =
        (rows_of(&fixture, kept).await, tables_that_contain(&fixture, "golden").await);
    assert!(tenants.len() >= 8, "{tenants:?}");

    let by = Actor::from(fixture.admin.clone());
    delete_tenant(&fixture.engine, &by, "golden-spoon", "golden-spoon-now").await.unwrap();
    fixture
        .db
        .run(&format!("UPDATE tenants SET deleted_at = now() - interval '30 days' WHERE id = '{purged}'"))
        .await;
    run_maintenance(&fixture.engine, MaintenanceTimeouts::default()).await.unwrap();
    fixture.db.wait_until("SELECT state = 'succeeded' FROM jobs WHERE kind = 'purge'").await;
    worker.stop().await;

    let mut after = rows_of(&fixture, purged).await;
    // The request, its job and the job of the purge are the history of the tombstone.
    assert_eq!(after.remove("provisioning_requests"), Some(1));
    assert!(after.remove("jobs").is_some());
    assert!(after.values().all(|rows| *rows == 0), "{after:?}");
    assert_eq!(rows_of(&fixture, kept).await, kept_before);
    // The audit log keeps its entries.
    let mut tables = tables_that_contain(&fixture, "golden").await;
    tables.retain(|table| table != "audit_log");
    assert_eq!(tables, [""; 0]);
    fixture.db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_that_waited_for_a_restore_does_not_begin() {
    let fixture = PipelineFixture::new().await;
    let worker = fixture.worker();
    let tenant = create_complete_tenant(&fixture, "golden-spoon").await;
    worker.stop().await;
    let by = Actor::from(fixture.admin.clone());
    delete_tenant(&fixture.engine, &by, "golden-spoon", "golden-spoon-now").await.unwrap();
    let before = rows_of(&fixture, tenant).await;
    // A restore that was allowed, and commits when the 30 days are over.
    fixture
        .db
        .run(
            "ALTER TABLE tenants DISABLE TRIGGER tenants_guard_status;
             UPDATE tenants SET deleted_at = now() - interval '31 days'",
        )
        .await;
    let mut restoring = fixture.db.pool.begin().await.unwrap();
    sqlx::raw_sql("UPDATE tenants SET status = 'active', deleted_at = NULL, status_before_deletion = NULL")
        .execute(&mut *restoring)
        .await
        .unwrap();
    let engine = fixture.engine.clone();
    let maintenance =
        tokio::spawn(async move { run_maintenance(&engine, MaintenanceTimeouts::default()).await });
    fixture
        .db
        .wait_until(
            "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')",
        )
        .await;
    restoring.commit().await.unwrap();
    assert!(maintenance.await.unwrap().unwrap().purging.is_empty());
    assert_eq!(rows_of(&fixture, tenant).await, before);
}
