//! Failures in the middle: nothing stays behind but the record of the attempt.

use domain::{ErrorCode, RequestStatus, Stage};
use engine::provisioning::find_request;

use crate::support::{TestDatabase, WHOLE, created, draft, order, refused};

/// How far the core has come when it writes to a table.
fn last_stage_before(table: &str) -> Stage {
    match table {
        "users" => Stage::Reserved,
        "tenants" | "memberships" => Stage::OwnerCreated,
        "jobs" | "job_steps" | "one_time_tokens" | "audit_log" => Stage::Verified,
        _ => Stage::TenantCreated,
    }
}

#[tokio::test]
async fn a_failure_at_any_table_leaves_nothing_but_the_attempt_and_the_key_works_again() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for (number, (table, _)) in (0_i64..).zip(WHOLE) {
        let order = order(draft(&format!("tenant-{number}")));
        let before = db.rows().await;
        db.set_failing_trap(table, "P0001").await;
        let problem = refused(db.provision(&admin, &order).await, ErrorCode::ConstraintViolation);
        assert_eq!(problem.constraint.as_deref(), Some("trap"), "{table}");
        assert_eq!(db.rows().await, before, "{table}");

        let detail = find_request(&db.engine, problem.request_id.unwrap()).await.unwrap();
        assert_eq!(detail.summary.status, RequestStatus::Failed);
        assert_eq!(detail.summary.code, Some(ErrorCode::ConstraintViolation));
        assert_eq!(detail.summary.tenant_code, None);
        let [attempt] = detail.attempt_log.as_slice() else { panic!("{:?}", detail.attempt_log) };
        assert_eq!(attempt.constraint.as_deref(), Some("trap"));
        assert_eq!(attempt.message.as_deref(), Some("P0001: trapped"));
        assert_eq!(attempt.stages.last().unwrap().stage, last_stage_before(table), "{table}");

        db.drop_trap(table).await;
        created(db.provision(&admin, &order).await);
        db.assert_tenants(number + 1).await;
    }
}

#[tokio::test]
async fn a_failed_assertion_in_a_trigger_is_on_record_too() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    db.set_trap("segments", "ASSERT false").await;
    let problem =
        refused(db.provision(&admin, &order(draft("golden-spoon"))).await, ErrorCode::ProvisioningFailed);
    assert!(problem.request_id.is_some());
    db.assert_tenants(0).await;
}

#[tokio::test]
async fn an_insertion_that_is_swallowed_is_found_by_the_core_itself() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for table in ["memberships", "tenant_settings", "tenant_branding", "packages", "api_keys"] {
        db.set_trap(table, "RETURN NULL").await;
        let answer = db.provision(&admin, &order(draft("golden-spoon"))).await;
        assert!(answer.is_err(), "{table}");
        db.drop_trap(table).await;
        db.assert_tenants(0).await;
    }
}

#[tokio::test]
async fn an_unforeseen_failure_of_the_owners_account_has_its_own_code() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    db.set_failing_trap("users", "XX000").await;
    refused(db.provision(&admin, &order(draft("golden-spoon"))).await, ErrorCode::OwnerCreationFailed);
    db.assert_tenants(0).await;
}

#[tokio::test]
async fn a_conflict_that_passes_at_the_second_try_ends_well_with_both_attempts_on_record() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for (sqlstate, slug) in [("40001", "golden-spoon"), ("40P01", "silver-spoon")] {
        // A sequence keeps counting when everything else is undone.
        db.run("CREATE SEQUENCE tries").await;
        let body = format!(
            "IF nextval('tries') < 2 THEN RAISE EXCEPTION 'conflict' USING ERRCODE = '{sqlstate}'; END IF"
        );
        db.set_trap("tenants", &body).await;
        let made = created(db.provision(&admin, &order(draft(slug))).await);
        let detail = find_request(&db.engine, made.request_id).await.unwrap();
        let codes: Vec<_> = detail.attempt_log.iter().map(|attempt| attempt.code).collect();
        assert_eq!(
            codes,
            [
                None,
                ErrorCode::from_text(if sqlstate == "40001" { "SERIALIZATION_FAILURE" } else { "DEADLOCK" })
            ]
        );
        db.run("DROP SEQUENCE tries").await;
        db.drop_trap("tenants").await;
    }
    db.assert_tenants(2).await;
}

#[tokio::test]
async fn a_conflict_that_does_not_pass_is_tried_four_times() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    db.set_failing_trap("tenants", "40001").await;
    let problem =
        refused(db.provision(&admin, &order(draft("golden-spoon"))).await, ErrorCode::SerializationFailure);
    assert_eq!(problem.retry_after_seconds(), Some(2));
    assert_eq!(db.number("SELECT attempt::bigint FROM provisioning_requests").await, 4);
    db.assert_tenants(0).await;
}
