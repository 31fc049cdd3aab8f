//! Failures in the middle of provisioning leave only the record of the attempt.

use domain::{ErrorCode, RequestStatus, Stage};
use engine::provisioning::find_request;

use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{ROWS_PER_TENANT, TestDatabase},
};

/// The last stage before the core writes to a table.
fn last_stage_before(table: &str) -> Stage {
    match table {
        "users" => Stage::Reserved,
        "tenants" | "memberships" => Stage::OwnerCreated,
        "jobs" | "job_steps" | "outbox_messages" | "one_time_tokens" | "audit_log" => Stage::Verified,
        _ => Stage::TenantCreated,
    }
}

#[tokio::test]
async fn a_failure_at_any_table_leaves_only_the_attempt_and_the_key_can_be_used_again() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for (number, (table, _)) in (0_i64..).zip(ROWS_PER_TENANT) {
        let request = provision_request(draft(&format!("tenant-{number}")));
        let before = db.row_counts().await;
        db.set_failing_trigger(table, "P0001").await;
        let problem = assert_error(db.provision(&admin, &request).await, ErrorCode::ConstraintViolation);
        assert_eq!(problem.constraint.as_deref(), Some("test_trigger"), "{table}");
        assert_eq!(db.row_counts().await, before, "{table}");

        let detail = find_request(&db.engine, problem.request_id.unwrap()).await.unwrap();
        assert_eq!(detail.summary.status, RequestStatus::Failed);
        assert_eq!(detail.summary.code, Some(ErrorCode::ConstraintViolation));
        assert_eq!(detail.summary.tenant_code, None);
        let [attempt] = detail.attempt_log.as_slice() else { panic!("{:?}", detail.attempt_log) };
        assert_eq!(attempt.constraint.as_deref(), Some("test_trigger"));
        assert_eq!(attempt.message.as_deref(), Some("P0001: injected"));
        assert_eq!(attempt.stages.last().unwrap().stage, last_stage_before(table), "{table}");

        db.drop_trigger(table).await;
        assert_created(db.provision(&admin, &request).await);
        db.assert_complete_tenants(number + 1).await;
    }
}

#[tokio::test]
async fn a_failed_assertion_in_a_trigger_is_recorded() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    db.set_insert_trigger("segments", "ASSERT false").await;
    let problem = assert_error(
        db.provision(&admin, &provision_request(draft("golden-spoon"))).await,
        ErrorCode::ProvisioningFailed,
    );
    assert!(problem.request_id.is_some());
    db.assert_complete_tenants(0).await;
}

#[tokio::test]
async fn the_core_detects_suppressed_inserts() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for table in ["memberships", "tenant_settings", "tenant_branding", "packages", "api_keys"] {
        db.set_insert_trigger(table, "RETURN NULL").await;
        let result = db.provision(&admin, &provision_request(draft("golden-spoon"))).await;
        assert!(result.is_err(), "{table}");
        db.drop_trigger(table).await;
        db.assert_complete_tenants(0).await;
    }
}

#[tokio::test]
async fn an_unexpected_failure_to_create_the_owner_has_its_own_code() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    db.set_failing_trigger("users", "XX000").await;
    assert_error(
        db.provision(&admin, &provision_request(draft("golden-spoon"))).await,
        ErrorCode::OwnerCreationFailed,
    );
    db.assert_complete_tenants(0).await;
}

#[tokio::test]
async fn a_transaction_conflict_is_retried_and_both_attempts_are_recorded() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for (sqlstate, slug) in [("40001", "golden-spoon"), ("40P01", "silver-spoon")] {
        // A sequence keeps its value when the transaction is rolled back.
        db.run("CREATE SEQUENCE calls").await;
        let body = format!(
            "IF nextval('calls') < 2 THEN RAISE EXCEPTION 'conflict' USING ERRCODE = '{sqlstate}'; END IF"
        );
        db.set_insert_trigger("tenants", &body).await;
        let provisioned = assert_created(db.provision(&admin, &provision_request(draft(slug))).await);
        let detail = find_request(&db.engine, provisioned.request_id).await.unwrap();
        let codes: Vec<_> = detail.attempt_log.iter().map(|attempt| attempt.code).collect();
        assert_eq!(
            codes,
            [
                None,
                ErrorCode::from_text(if sqlstate == "40001" { "SERIALIZATION_FAILURE" } else { "DEADLOCK" })
            ]
        );
        db.run("DROP SEQUENCE calls").await;
        db.drop_trigger("tenants").await;
    }
    db.assert_complete_tenants(2).await;
}

#[tokio::test]
async fn a_persistent_serialization_failure_fails_after_four_attempts() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    db.set_failing_trigger("tenants", "40001").await;
    let problem = assert_error(
        db.provision(&admin, &provision_request(draft("golden-spoon"))).await,
        ErrorCode::SerializationFailure,
    );
    assert_eq!(problem.retry_after_seconds(), Some(2));
    assert_eq!(db.number("SELECT attempt::bigint FROM provisioning_requests").await, 4);
    db.assert_complete_tenants(0).await;
}
