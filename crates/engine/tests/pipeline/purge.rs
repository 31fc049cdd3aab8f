//! What maintenance does with a tenant on a date: the end of its trial, and its purge.

use domain::{ErrorCode, StepState, TenantStatus, jobs::StepFailure, pipeline::Step};
use engine::{
    access::Actor,
    pipeline::{MaintenanceReport, MaintenanceTimeouts, preview_maintenance, run_maintenance},
    tenants::{delete_tenant, restore_tenant, update_tenant},
};
use serde_json::json;
use test_support::{
    fake_external_system::Fault,
    pipeline_fixture::PipelineFixture,
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::ORIGIN,
};
use uuid::Uuid;

const SLUG: &str = "golden-spoon";

/// An active tenant with all effects, and the IDs of the tenant and its request.
async fn active_tenant() -> (PipelineFixture, Uuid, Uuid) {
    let fixture = PipelineFixture::new().await;
    let provisioned = fixture.provision(SLUG).await;
    let worker = fixture.worker();
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    worker.stop().await;
    (fixture, provisioned.tenant.id, provisioned.request_id)
}

async fn delete_days_ago(fixture: &PipelineFixture, days: u32) {
    let by = Actor::from(fixture.admin.clone());
    delete_tenant(&fixture.engine, &by, SLUG, SLUG).await.unwrap();
    let sql = format!("UPDATE tenants SET deleted_at = now() - interval '{days} days'");
    fixture.db.run(&sql).await;
}

async fn maintain(fixture: &PipelineFixture) -> MaintenanceReport {
    let (engine, timeouts) = (&fixture.engine, MaintenanceTimeouts::default());
    let preview = preview_maintenance(engine, timeouts).await.unwrap();
    let report = run_maintenance(engine, timeouts).await.unwrap();
    assert_eq!(preview, report);
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_days_after_its_deletion_a_tenant_is_purged_to_a_tombstone() {
    let (fixture, tenant_id, request_id) = active_tenant().await;
    let by = Actor::from(fixture.admin.clone());
    let renamed = domain::lifecycle::TenantChanges::from_json(&json!({ "slug": "silver-spoon" })).unwrap();
    update_tenant(&fixture.engine, &by, SLUG, &engine::tenants::Precondition::Any, &renamed).await.unwrap();
    let domain = "INSERT INTO tenant_domains (id, tenant_id, domain, token, status, verified_at)
        SELECT gen_random_uuid(), id, 'spoon.example.com', repeat('x', 32), 'verified', now() FROM tenants";
    fixture.db.run(domain).await;
    delete_tenant(&fixture.engine, &by, SLUG, "silver-spoon").await.unwrap();
    assert_eq!(maintain(&fixture).await, MaintenanceReport::default());
    fixture.db.run("UPDATE tenants SET deleted_at = now() - interval '30 days'").await;
    assert_error(restore_tenant(&fixture.engine, &by, SLUG).await, ErrorCode::InvalidTransition);
    assert_eq!(maintain(&fixture).await.purging, [tenant_id]);
    assert_eq!(maintain(&fixture).await, MaintenanceReport::default());
    let worker = fixture.worker();
    fixture.db.wait_until("SELECT state = 'succeeded' FROM jobs WHERE kind = 'purge'").await;
    worker.stop().await;

    // A sign-in leaves nothing to remove.
    assert_eq!(fixture.external.effects(), 1);
    let steps =
        "SELECT string_agg(name, ' ' ORDER BY position) FROM job_steps s JOIN jobs j ON j.id = s.job_id
        WHERE j.kind = 'purge'";
    assert_eq!(
        fixture.db.text(steps).await,
        "PURGE_STEP_6_BRIDGE_METADATA_UPSERT PURGE_STEP_5_ODOO19_UPSERT_TENANT_USER \
         PURGE_STEP_4_ODOO19_UPSERT_TENANT PURGE_STEP_3_ODOO18_UPDATE_ADMIN_USER PURGE_STEP_1_COPY_DB PURGE_TENANT"
    );
    let tombstone =
        "SELECT concat_ws(' ', slug, name, status, owner_id IS NULL, purged_at IS NOT NULL) FROM tenants";
    assert_eq!(fixture.db.text(tombstone).await, "ten-00000001 TEN-00000001 deleted t t");
    let tables = "SELECT table_name::text FROM information_schema.columns
        WHERE table_schema = 'tenantry' AND column_name = 'tenant_id'
            AND table_name NOT IN ('jobs', 'provisioning_requests')";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&fixture.db.pool).await.unwrap();
    for table in tables.iter().map(String::as_str).chain(["users"]) {
        assert_eq!(fixture.db.number(&format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
    assert!(tables.len() > 10, "{tables:?}");
    let personal = "SELECT count(*) FROM provisioning_requests r, tenants t, jobs j
        WHERE concat(r, t, j) ILIKE '%spoon%' OR concat(r, t, j) ILIKE '%olive%'";
    assert_eq!(fixture.db.number(personal).await, 0);
    let detail = fixture.detail(request_id).await;
    assert_eq!((detail.summary.display_name(), detail.outcome), ("Redacted tenant", None));
    assert_eq!(detail.audit.last().unwrap().action, "tenant.purged");
    assert_error(restore_tenant(&fixture.engine, &by, "TEN-00000001").await, ErrorCode::TenantNotFound);
    fixture.db.assert_invariants().await;

    // The slugs and the address are available again, and the key of the request is not.
    for slug in [SLUG, "silver-spoon"] {
        let other = domain::provisioning::Draft {
            owner_email: format!("olive@{SLUG}.example.com").replace("olive", slug),
            ..draft(slug)
        };
        assert_created(
            engine::provisioning::provision(
                &fixture.engine,
                &fixture.admin,
                provision_request(other),
                ORIGIN,
            )
            .await,
        );
    }
}

#[tokio::test]
async fn a_purge_that_an_external_system_refuses_is_retried_after_a_day_and_deletes_nothing_before() {
    let (fixture, _, _) = active_tenant().await;
    delete_days_ago(&fixture, 31).await;
    let refused = StepFailure::permanent("the copy service returned 400");
    fixture.external.inject_on_compensation(Step::CopyDatabase, [Fault::Fail(refused)]);
    maintain(&fixture).await;
    let worker = fixture.worker();
    let state = |state: &str| format!("SELECT state = '{state}' FROM jobs WHERE kind = 'purge'");
    fixture.db.wait_until(&state("dead")).await;
    assert_eq!((fixture.external.effects(), fixture.db.number("SELECT count(*) FROM users").await), (2, 1));
    let early = run_maintenance(&fixture.engine, MaintenanceTimeouts::default()).await.unwrap();
    assert_eq!(early, MaintenanceReport::default());
    fixture.db.run("UPDATE jobs SET dead_at = now() - interval '25 hours' WHERE kind = 'purge'").await;
    run_maintenance(&fixture.engine, MaintenanceTimeouts::default()).await.unwrap();
    fixture.db.wait_until(&state("succeeded")).await;
    worker.stop().await;
    assert_eq!(fixture.db.number("SELECT count(*) FROM users").await, 0);
}

#[tokio::test]
async fn a_tenant_without_effects_is_purged_too() {
    let fixture = PipelineFixture::with_settings(connectors::PipelineSettings::default()).await;
    fixture.provision(SLUG).await;
    delete_days_ago(&fixture, 31).await;
    maintain(&fixture).await;
    let worker = fixture.worker();
    fixture.db.wait_until("SELECT purged_at IS NOT NULL FROM tenants").await;
    fixture.db.wait_until("SELECT state = 'succeeded' FROM jobs WHERE kind = 'purge'").await;
    worker.stop().await;
    fixture.db.assert_invariants().await;
}

#[tokio::test]
async fn an_account_that_another_tenant_uses_survives_the_purge() {
    let (fixture, _, _) = active_tenant().await;
    fixture.db.run("UPDATE users SET password_hash = 'x'").await;
    fixture.provision("silver-spoon").await;
    fixture
        .db
        .run(
            "INSERT INTO memberships (tenant_id, user_id, role)
             SELECT t.id, u.id, 'member' FROM tenants t, users u
             WHERE t.slug = 'silver-spoon' AND u.email LIKE '%golden%'",
        )
        .await;
    let by = Actor::from(fixture.admin.clone());
    delete_tenant(&fixture.engine, &by, SLUG, SLUG).await.unwrap();
    fixture
        .db
        .run("UPDATE tenants SET deleted_at = now() - interval '31 days' WHERE slug = 'golden-spoon'")
        .await;
    maintain(&fixture).await;
    let worker = fixture.worker();
    fixture.db.wait_until("SELECT state = 'succeeded' FROM jobs WHERE kind = 'purge'").await;
    worker.stop().await;
    assert_eq!(fixture.db.number("SELECT count(*) FROM users").await, 2);
}

#[tokio::test]
async fn a_tenant_whose_trial_has_ended_is_suspended_by_maintenance() {
    let (fixture, tenant_id, _) = active_tenant().await;
    fixture.db.run("UPDATE tenants SET trial_ends_at = now() + interval '1 hour'").await;
    assert_eq!(maintain(&fixture).await, MaintenanceReport::default());
    fixture.db.run("UPDATE tenants SET trial_ends_at = now()").await;
    assert_eq!(maintain(&fixture).await.suspended, [tenant_id]);
    assert_eq!(maintain(&fixture).await, MaintenanceReport::default());
    let tenant = "SELECT concat_ws(': ', status, suspension_reason) FROM tenants";
    assert_eq!(fixture.db.text(tenant).await, "suspended: The trial has ended.");
    let audited =
        "SELECT concat_ws(' ', actor_name, before, after) FROM audit_log WHERE action = 'tenant.suspended'";
    assert_eq!(
        fixture.db.text(audited).await,
        r#"maintenance {"status": "active"} {"reason": "The trial has ended.", "status": "suspended"}"#
    );
    let resumed = engine::tenants::resume_tenant(&fixture.engine, &Actor::Operator, SLUG).await.unwrap();
    assert_eq!((resumed.status, resumed.trial_ends_at), (TenantStatus::Active, None));
    assert_eq!(maintain(&fixture).await, MaintenanceReport::default());
}
