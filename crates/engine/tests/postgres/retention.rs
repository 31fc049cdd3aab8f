//! The retention: old requests without a tenant, and old attempts, lose their personal data.

use std::time::Duration;

use domain::{ErrorCode, RequestStatus, history::HistoryFilter, provisioning::Draft};
use engine::{
    access::Employee,
    page::Limit,
    pipeline::{
        MaintenanceTimeouts, RetentionReport, preview_maintenance, run_complete_maintenance, run_maintenance,
    },
    provisioning::{find_request, list_requests, rollback},
};
use serde_json::json;

use crate::row_reads::count_row_reads;
use test_support::{
    insert_gate::InsertGate,
    requests::{assert_created, assert_error, assert_replayed, draft, provision_request, with_draft},
    test_database::TestDatabase,
};

const TIMEOUTS: MaintenanceTimeouts = MaintenanceTimeouts {
    stuck: Duration::from_secs(600),
    unattended: None,
    retention: Some(Duration::from_secs(30 * 86_400)),
};

async fn apply_retention(db: &TestDatabase) -> RetentionReport {
    run_complete_maintenance(&db.engine, TIMEOUTS).await.unwrap().retention
}

/// Makes all existing requests, attempts and jobs `days` days older.
async fn age(db: &TestDatabase, days: u32) {
    let days = format!("interval '{days} days'");
    db.run(&format!(
        "UPDATE provisioning_requests SET created_at = created_at - {days}, finished_at = finished_at - {days};
         UPDATE provisioning_attempts SET started_at = started_at - {days}, finished_at = finished_at - {days};
         UPDATE jobs SET created_at = created_at - {days}, finished_at = finished_at - {days}"
    ))
    .await;
}

/// Inserts `count` refused requests that ended `days` days ago. The last one is `filler-{count}`.
async fn fill(db: &TestDatabase, by: &Employee, days: u32, count: u32) {
    db.run(&format!(
        "WITH filler AS (
             INSERT INTO provisioning_requests (id, employee_id, idempotency_key, status, payload, slug, name,
                 owner_email, code, created_at, finished_at)
             SELECT gen_random_uuid(), '{}', gen_random_uuid(), 'failed', '{{}}', 'filler-' || n, 'Filler', 'f@example.com',
                 'TIMEOUT', now() - interval '{days} days' + n * interval '1 ms', now() - interval '{days} days' + n * interval '1 ms'
             FROM generate_series(1, {count}) n RETURNING id, created_at, finished_at)
         INSERT INTO provisioning_attempts (request_id, number, status, code, started_at, finished_at)
         SELECT id, 1, 'failed', 'TIMEOUT', created_at, finished_at FROM filler",
        by.id
    ))
    .await;
}

const COUNT_REDACTED: &str = "SELECT count(*) FROM provisioning_requests WHERE redacted_at IS NOT NULL";

#[tokio::test]
async fn old_refused_and_rolled_back_requests_lose_their_personal_data_and_stay_in_the_history() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let kept = assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    let invalid = Draft { owner_email: "personal@".into(), ..draft("-personal") };
    let invalid = db.provision(&admin, &provision_request(invalid)).await.unwrap_err().problem();
    let taken = Draft { owner_email: "personal@example.com".into(), ..draft("golden-spoon") };
    let taken = Draft { name: "Personal".into(), ..taken };
    let taken = db.provision(&admin, &provision_request(taken)).await.unwrap_err().problem();
    let rolled_back = assert_created(db.provision(&admin, &provision_request(draft("personal"))).await);
    rollback(&db.engine, rolled_back.request_id, None, "personal reason", true).await.unwrap();
    age(&db, 31).await;

    let expected =
        RetentionReport { redacted_requests: 3, redacted_attempts: 1, ..RetentionReport::default() };
    assert_eq!(preview_maintenance(&db.engine, TIMEOUTS).await.unwrap().retention, expected);
    assert_eq!(db.number(COUNT_REDACTED).await, 0);
    assert_eq!(apply_retention(&db).await, expected);
    assert_eq!(apply_retention(&db).await, RetentionReport::default());

    let stored = "SELECT concat((SELECT json_agg(r) FROM provisioning_requests r),
        (SELECT json_agg(a) FROM provisioning_attempts a), (SELECT json_agg(j) FROM jobs j))";
    let stored = db.text(stored).await.to_lowercase();
    assert!(!stored.contains("personal") && stored.contains("olive@golden-spoon.example.com"), "{stored}");
    assert_eq!(
        list_requests(&db.engine, &HistoryFilter::default(), Limit::default()).await.unwrap().requests.len(),
        4
    );
    for (id, status, code) in [
        (invalid.request_id.unwrap(), RequestStatus::Failed, Some(invalid.code)),
        (taken.request_id.unwrap(), RequestStatus::Failed, Some(ErrorCode::DuplicateSlug)),
        (rolled_back.request_id, RequestStatus::RolledBack, None),
    ] {
        let detail = find_request(&db.engine, id).await.unwrap();
        assert_eq!((detail.summary.status, detail.summary.code), (status, code));
        assert_eq!(detail.summary.display_name(), "Redacted tenant");
        assert!(detail.summary.redacted_at.is_some());
        assert_eq!(detail.problem.map(|problem| problem.code), code);
        assert_eq!((detail.payload, detail.outcome, detail.rollback), (json!({}), None, None));
        assert_eq!(detail.attempt_log.len(), 1);
    }
    let detail = find_request(&db.engine, kept.request_id).await.unwrap();
    assert_eq!((detail.summary.redacted_at, detail.outcome), (None, Some(kept.replayed())));
    db.assert_invariants().await;
}

#[tokio::test]
async fn requests_keep_their_data_if_they_are_recent_or_no_retention_is_set() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_error(db.provision(&admin, &provision_request(draft("-bad"))).await, ErrorCode::InvalidSlug);
    age(&db, 29).await;
    assert_eq!(apply_retention(&db).await, RetentionReport::default());
    age(&db, 1000).await;
    run_complete_maintenance(&db.engine, MaintenanceTimeouts::default()).await.unwrap();
    assert_eq!(db.number(COUNT_REDACTED).await, 0);
}

#[tokio::test]
async fn an_old_failed_attempt_of_an_existing_tenant_loses_its_message() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    let request = provision_request(draft("golden-spoon"));
    assert_error(db.provision(&admin, &request).await, ErrorCode::EmailUnavailable);
    let corrected = with_draft(&request, draft("silver-spoon"));
    let provisioned = assert_created(db.provision(&admin, &corrected).await);
    age(&db, 31).await;
    assert_eq!(
        apply_retention(&db).await,
        RetentionReport { redacted_attempts: 1, ..RetentionReport::default() }
    );
    let detail = find_request(&db.engine, provisioned.request_id).await.unwrap();
    let failed = &detail.attempt_log[1];
    assert_eq!((failed.code, &failed.message), (Some(ErrorCode::EmailUnavailable), &None));
    assert_eq!(assert_replayed(db.provision(&admin, &corrected).await), provisioned.replayed());
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_key_of_a_redacted_request_has_the_same_outcome_as_before() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let (created, removed) =
        (provision_request(draft("golden-spoon")), provision_request(draft("silver-spoon")));
    assert_created(db.provision(&admin, &created).await);
    let provisioned = assert_created(db.provision(&admin, &removed).await);
    rollback(&db.engine, provisioned.request_id, None, "a mistake", true).await.unwrap();
    let refused = provision_request(draft("-bad"));
    let problem = assert_error(db.provision(&admin, &refused).await, ErrorCode::InvalidSlug);
    age(&db, 31).await;
    assert_eq!(apply_retention(&db).await.redacted_requests, 2);

    assert_replayed(db.provision(&admin, &created).await);
    let problem_of_removed = assert_error(db.provision(&admin, &removed).await, ErrorCode::DuplicateRequest);
    assert_eq!(problem_of_removed.request_id, Some(provisioned.request_id));
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 1);

    // The key of a refused request creates its first tenant.
    assert_error(db.provision(&admin, &refused).await, ErrorCode::InvalidSlug);
    let corrected = with_draft(&refused, draft("bronze-spoon"));
    let provisioned = assert_created(db.provision(&admin, &corrected).await);
    assert_eq!(problem.request_id, Some(provisioned.request_id));
    let detail = find_request(&db.engine, provisioned.request_id).await.unwrap();
    assert_eq!((detail.summary.attempts, detail.summary.redacted_at), (3, None));
    assert_eq!(detail.summary.slug, "bronze-spoon");
    db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_leaves_no_partial_batch_and_the_next_run_continues() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let provisioned = assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    rollback(&db.engine, provisioned.request_id, None, "a mistake", true).await.unwrap();
    age(&db, 31).await;
    fill(&db, &admin, 31, 700).await;
    // The second batch waits for a lock after it has changed other rows.
    let gate = InsertGate::close(&db).await;
    db.run(
        "CREATE TRIGGER test_wait BEFORE UPDATE ON provisioning_requests
         FOR EACH ROW WHEN (OLD.slug = 'filler-690') EXECUTE FUNCTION test_trigger()",
    )
    .await;
    let engine = db.engine.clone();
    let run = tokio::spawn(async move { run_complete_maintenance(&engine, TIMEOUTS).await });
    gate.terminate_blocked_backends(&db).await;
    assert_error(run.await.unwrap(), ErrorCode::DatabaseUnavailable);
    assert_eq!(db.number(COUNT_REDACTED).await, 500);
    db.assert_invariants().await;

    gate.open().await;
    assert_eq!(apply_retention(&db).await.redacted_requests, 201);
    assert_eq!(db.number("SELECT count(*) FROM jobs").await, 0);
    db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_write_each_row_once() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let provisioned = assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    rollback(&db.engine, provisioned.request_id, None, "a mistake", true).await.unwrap();
    age(&db, 31).await;
    fill(&db, &admin, 31, 300).await;
    // The first run stops halfway through its batch. The second run has selected the same rows, and waits for
    // the job that the first run deletes.
    let gate = InsertGate::close(&db).await;
    db.run(
        "CREATE TRIGGER test_wait BEFORE UPDATE ON provisioning_requests
         FOR EACH ROW WHEN (OLD.slug = 'filler-150') EXECUTE FUNCTION test_trigger()",
    )
    .await;
    let start = || {
        let engine = db.engine.clone();
        tokio::spawn(async move { run_complete_maintenance(&engine, TIMEOUTS).await.unwrap().retention })
    };
    let first = start();
    gate.wait_for_blocked_backend(&db).await;
    let second = start();
    db.wait_until(
        "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
             AND wait_event_type = 'Lock' AND wait_event <> 'advisory')",
    )
    .await;
    gate.open().await;
    let redacted = [first.await.unwrap().redacted_requests, second.await.unwrap().redacted_requests];
    assert_eq!(redacted, [301, 0]);
    assert_eq!(db.number("SELECT count(DISTINCT xmin::text) FROM provisioning_requests").await, 1);
    assert_eq!(db.number(COUNT_REDACTED).await, 301);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_periodic_run_is_limited_to_ten_thousand_rows_and_the_next_one_continues() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    fill(&db, &admin, 31, 10_007).await;
    let redacted = async || run_maintenance(&db.engine, TIMEOUTS).await.unwrap().retention.redacted_requests;
    assert_eq!(redacted().await, 10_000);
    assert_eq!(redacted().await, 7);
    assert_eq!(db.number(COUNT_REDACTED).await, 10_007);
}

#[tokio::test]
async fn the_retention_reads_only_the_rows_that_it_changes() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    fill(&db, &admin, 1, 20_000).await;
    fill(&db, &admin, 31, 10).await;
    db.run("VACUUM ANALYZE").await;
    let reads = count_row_reads(&db, "provisioning_requests", async |engine| {
        let report = run_complete_maintenance(engine, TIMEOUTS).await.unwrap();
        assert_eq!(report.retention.redacted_requests, 10);
    })
    .await;
    assert!(reads < 200, "{reads}");
}

#[tokio::test]
async fn the_retention_reads_only_the_jobs_that_it_changes() {
    let db = TestDatabase::new().await;
    db.run(
        "INSERT INTO jobs (kind, creates_tenant, state, finished_at, attempts_deleted_at)
         SELECT 'filler', false, state, now() - interval '31 days', CASE WHEN n > 10 THEN now() END
         FROM generate_series(1, 10000) n, unnest(ARRAY['succeeded', 'skipped']) state",
    )
    .await;
    db.run("VACUUM ANALYZE").await;
    let reads = count_row_reads(&db, "jobs", async |engine| {
        let report = run_complete_maintenance(engine, TIMEOUTS).await.unwrap();
        assert_eq!(report.retention.cleaned_jobs, 20);
    })
    .await;
    assert!(reads < 200, "{reads}");
}
