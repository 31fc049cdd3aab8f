//! The verifications that the server makes, and their results.

use engine::audit::{StoredVerification, VerificationState, latest_verification, request_verification};

use super::*;

/// The result of the latest verification, after it has ended.
async fn finished(db: &TestDatabase) -> AuditVerification {
    wait_for_value("the verification", async || match latest_verification(&db.engine).await.unwrap() {
        Some(StoredVerification { state: VerificationState::Finished { result, .. }, .. }) => Some(result),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn an_admin_requests_a_verification_and_reads_its_result() {
    let (db, admin) = chained_log(4).await;
    assert!(latest_verification(&db.engine).await.unwrap().is_none());
    let viewer = db.employee(domain::Role::Viewer).await;
    assert_error(request_verification(&db.engine, &viewer).await, domain::ErrorCode::Forbidden);
    request_verification(&db.engine, &admin).await.unwrap();
    let result = finished(&db).await;
    assert_eq!((result.verified, result.findings.len()), (4, 0));

    tamper(&db, "UPDATE audit_log SET action = 'tenant.deleted' WHERE id = 3").await;
    db.run("DELETE FROM audit_verifications").await;
    request_verification(&db.engine, &admin).await.unwrap();
    assert_eq!(texts(&finished(&db).await.findings), ["entry 3 (position 3) was changed"]);
}

#[tokio::test]
async fn one_verification_runs_at_a_time_and_an_interrupted_one_blocks_none() {
    let (db, admin) = chained_log(2).await;
    db.run("INSERT INTO audit_verifications DEFAULT VALUES").await;
    request_verification(&db.engine, &admin).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM audit_verifications").await, 1);
    let state = latest_verification(&db.engine).await.unwrap().unwrap().state;
    assert!(matches!(state, VerificationState::Running), "{state:?}");

    db.run("UPDATE audit_verifications SET seen_at = seen_at - interval '1 minute'").await;
    let state = latest_verification(&db.engine).await.unwrap().unwrap().state;
    assert!(matches!(state, VerificationState::Interrupted), "{state:?}");
    request_verification(&db.engine, &admin).await.unwrap();
    assert_eq!(finished(&db).await.verified, 2);
    assert_eq!(db.number("SELECT count(*) FROM audit_verifications").await, 1);
}
