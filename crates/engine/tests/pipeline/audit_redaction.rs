//! The redaction of the audit entries about a purged tenant, in batches.

use domain::{StepState, erasure::ErasureOutcome};
use engine::{
    access::{Actor, parse_email},
    audit::{append_new_entries, verify_audit_log},
    erasure::{Erasure, erase_person},
    pipeline::{MaintenanceTimeouts, run_maintenance},
    tenants::delete_tenant,
};
use test_support::{insert_gate::InsertGate, pipeline_fixture::PipelineFixture};

const SLUG: &str = "golden-spoon";
/// More than two batches.
const ENTRIES: i64 = 11_000;
const COUNT_REDACTED: &str = "SELECT count(*) FROM audit_log WHERE action = 'filler' AND after = '{\"name\": null, \"plan\": \"pro\"}'";

/// A deleted tenant whose purge is due, with `ENTRIES` audit entries. Half of them name no request.
async fn due_tenant() -> PipelineFixture {
    let fixture = PipelineFixture::new().await;
    let provisioned = fixture.provision(SLUG).await;
    let worker = fixture.worker();
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    worker.stop().await;
    fixture
        .db
        .run(&format!(
            "INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, request_id, after)
             SELECT gen_random_uuid(), 'Golden Spoon', 'filler', 'tenant', t.id,
                 CASE n % 2 WHEN 0 THEN t.request_id END,
                 jsonb_build_object('name', 'Golden Spoon ' || n, 'plan', 'pro')
             FROM tenants t, generate_series(1, {ENTRIES}) n"
        ))
        .await;
    append_new_entries(&fixture.engine).await.unwrap();
    delete_tenant(&fixture.engine, &Actor::from(fixture.admin.clone()), SLUG, SLUG).await.unwrap();
    fixture.db.run("UPDATE tenants SET deleted_at = now() - interval '31 days'").await;
    run_maintenance(&fixture.engine, MaintenanceTimeouts::default()).await.unwrap();
    fixture
}

async fn finish_purge(fixture: &PipelineFixture) {
    let worker = fixture.worker();
    fixture.db.wait_until("SELECT state = 'succeeded' FROM jobs WHERE kind = 'purge'").await;
    worker.stop().await;
    let personal = "SELECT count(*) FROM audit_log a WHERE a::text ILIKE '%spoon%'";
    assert_eq!(fixture.db.number(personal).await, 0);
    assert_eq!(fixture.db.number(COUNT_REDACTED).await, ENTRIES);
    assert_eq!(fixture.db.number("SELECT count(*) FROM tenants WHERE purged_at IS NOT NULL").await, 1);
    // The chain still verifies what remains of the entries.
    fixture.db.assert_invariants().await;
    let verification = verify_audit_log(&fixture.engine, None).await.unwrap();
    assert!(verification.erased >= ENTRIES, "{verification:?}");
}

#[tokio::test]
async fn the_audit_entries_of_a_purged_tenant_are_redacted_in_several_transactions() {
    let fixture = due_tenant().await;
    finish_purge(&fixture).await;
    let batches = "SELECT count(DISTINCT xmin::text) FROM audit_log WHERE action = 'filler'";
    assert_eq!(fixture.db.number(batches).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_and_the_erasure_of_the_owner_at_the_same_time_leave_an_intact_chain() {
    let fixture = due_tenant().await;
    let email = parse_email(&fixture.db.text("SELECT owner_email FROM tenants").await).unwrap();
    let worker = fixture.worker();
    let erasure = Erasure { email: &email, reference: None, dry_run: false };
    let report = erase_person(&fixture.engine, &Actor::Operator, erasure).await.unwrap();
    // The purge may have deleted the account before.
    assert_ne!(report.outcome, ErasureOutcome::Refused);
    worker.stop().await;
    fixture.make_due_now().await;
    finish_purge(&fixture).await;
    append_new_entries(&fixture.engine).await.unwrap();
    assert_eq!(verify_audit_log(&fixture.engine, None).await.unwrap().findings, []);
}

#[tokio::test]
async fn the_entries_of_an_erased_owner_are_redacted_by_the_purge() {
    let fixture = due_tenant().await;
    let email = parse_email(&fixture.db.text("SELECT owner_email FROM tenants").await).unwrap();
    let erasure = Erasure { email: &email, reference: None, dry_run: false };
    let report = erase_person(&fixture.engine, &Actor::Operator, erasure).await.unwrap();
    assert_eq!(report.outcome, ErasureOutcome::Erased);
    finish_purge(&fixture).await;
    append_new_entries(&fixture.engine).await.unwrap();
    assert_eq!(verify_audit_log(&fixture.engine, None).await.unwrap().findings, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_redaction_waits_for_the_entry_of_a_change_that_has_locked_the_tenant() {
    let fixture = due_tenant().await;
    let db = &fixture.db;
    let insert = "INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, subject_id, after)
        SELECT gen_random_uuid(), 'Golden Spoon', 'late', 'tenant', id, '{\"name\": \"Golden Spoon\"}' FROM tenants";
    let mut change = db.pool.begin().await.unwrap();
    sqlx::raw_sql("SELECT FROM tenants FOR NO KEY UPDATE").execute(&mut *change).await.unwrap();
    sqlx::raw_sql(insert).execute(&mut *change).await.unwrap();
    // An entry with a higher ID that the redaction sees first.
    db.run(insert).await;
    let worker = fixture.worker();
    db.wait_until(
        "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')",
    )
    .await;
    change.commit().await.unwrap();
    worker.stop().await;
    fixture.make_due_now().await;
    finish_purge(&fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_redaction_continues_and_the_tenant_is_purged_after_it() {
    let fixture = due_tenant().await;
    let db = &fixture.db;
    // The second batch waits after it has changed other entries.
    let gate = InsertGate::close(db).await;
    db.run(
        "CREATE TRIGGER test_wait BEFORE UPDATE ON audit_log FOR EACH ROW
         WHEN (OLD.after ->> 'name' = 'Golden Spoon 8000') EXECUTE FUNCTION test_trigger()",
    )
    .await;
    let worker = fixture.worker();
    gate.terminate_blocked_backends(db).await;
    db.wait_until("SELECT state = 'retrying' FROM jobs WHERE kind = 'purge'").await;
    worker.stop().await;
    let redacted = db.number(COUNT_REDACTED).await;
    assert!((4_900..=5_000).contains(&redacted), "{redacted}");
    assert_eq!(db.number("SELECT count(*) FROM tenants WHERE purged_at IS NULL").await, 1);
    db.assert_invariants().await;

    gate.open().await;
    // An entry of a batch that was committed is not written again.
    let first =
        "SELECT min(xmin::text) FROM audit_log WHERE after ->> 'plan' = 'pro' AND after ->> 'name' IS NULL";
    let first_batch = db.text(first).await;
    fixture.make_due_now().await;
    finish_purge(&fixture).await;
    let kept =
        format!("SELECT count(*) FROM audit_log WHERE action = 'filler' AND xmin::text = '{first_batch}'");
    assert_eq!(db.number(&kept).await, redacted);
}
