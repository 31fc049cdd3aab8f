//! What the verification of the audit log accepts after an erasure.

use engine::audit::{Tampering, append_new_entries, sign_head, verify_audit_log};
use engine::tenants::suspend_tenant;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::*;

/// A database whose chain contains erased values, and the pseudonym.
async fn erased_database() -> (TestDatabase, String) {
    let db = TestDatabase::new().await;
    tenant(&db, "golden-spoon", ("Olive Owner", "olive@example.com"), true).await;
    member(&db, "golden-spoon", (NAME, ANNA, "member"), true).await;
    let admin = Actor::from(db.admin().await);
    suspend_tenant(&db.engine, &admin, "golden-spoon", "Invoice 7 is overdue").await.unwrap();
    append_new_entries(&db.engine).await.unwrap();
    let pseudonym = assert_erased(&erase(&db, ANNA).await).to_owned();
    append_new_entries(&db.engine).await.unwrap();
    let head = sign_head(&db.engine).await.unwrap();
    assert_eq!(verify_audit_log(&db.engine, head.as_ref()).await.unwrap().findings, []);
    (db, pseudonym)
}

/// Runs statements as a superuser without triggers, and returns the findings.
async fn findings_after(db: &TestDatabase, sql: &str) -> Vec<(Tampering, i64)> {
    let options = database::with_session(db.cluster().superuser_options(db.name()));
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    let sql = format!("SET session_replication_role = replica; {sql}");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let findings = verify_audit_log(&db.engine, None).await.unwrap().findings;
    findings.into_iter().map(|finding| (finding.tampering, finding.entry_id.unwrap())).collect()
}

async fn entry(db: &TestDatabase, action: &str) -> i64 {
    db.number(&format!("SELECT max(id) FROM audit_log WHERE action = '{action}'")).await
}

/// Erases the reason of the suspension by hand, as `erase_audit_values` does.
fn erase_reason(id: i64, erasure: &str) -> String {
    format!(
        "SELECT erase_audit_values(entry, jsonb_populate_record(entry, jsonb_build_object(
             'after', jsonb_set(after, '{{reason}}', 'null'))), {erasure})
         FROM audit_log entry WHERE id = {id}"
    )
}

#[tokio::test]
async fn a_value_that_is_erased_by_hand_is_named() {
    let (db, _) = erased_database().await;
    let id = entry(&db, "tenant.suspended").await;
    assert_eq!(findings_after(&db, &erase_reason(id, "NULL")).await, [(Tampering::ErasedWithoutRecord, id)]);
}

#[tokio::test]
async fn a_value_that_is_added_to_a_recorded_erasure_is_named() {
    let (db, _) = erased_database().await;
    let id = entry(&db, "tenant.suspended").await;
    let sql = erase_reason(id, "(SELECT id FROM person_erasures)");
    let findings = findings_after(&db, &sql).await;
    assert!(findings.contains(&(Tampering::ErasedWithoutRecord, id)), "{findings:?}");
}

#[tokio::test]
async fn a_changed_record_of_an_erasure_is_named() {
    let (db, _) = erased_database().await;
    let id = entry(&db, "person.erased").await;
    let sql = format!(
        "UPDATE audit_log SET after = jsonb_set(after, '{{auditValuesHash}}', '\"00\"') WHERE id = {id}"
    );
    let findings = findings_after(&db, &sql).await;
    assert!(findings.contains(&(Tampering::Changed, id)), "{findings:?}");
    assert!(findings.iter().any(|(tampering, _)| *tampering == Tampering::ErasedWithoutRecord));
}

#[tokio::test]
async fn another_pseudonym_and_a_changed_rest_of_an_entry_are_named() {
    let (db, pseudonym) = erased_database().await;
    let id = entry(&db, "member.invited").await;
    let other = format!(
        "UPDATE audit_log SET after = replace(after::text, '{pseudonym}', 'erased-ffffff')::jsonb WHERE id = {id}"
    );
    let findings = findings_after(&db, &other).await;
    assert!(findings.contains(&(Tampering::ErasedWithoutRecord, id)), "{findings:?}");
    let changed = format!(
        "UPDATE audit_log SET after = jsonb_set(replace(after::text, 'erased-ffffff', '{pseudonym}')::jsonb,
             '{{role}}', '\"owner\"') WHERE id = {id}"
    );
    assert_eq!(findings_after(&db, &changed).await, [(Tampering::Changed, id)]);
}

#[tokio::test]
async fn the_log_stays_append_only_for_everything_else() {
    let (db, pseudonym) = erased_database().await;
    for sql in [
        "UPDATE audit_log SET after = '{}'".to_owned(),
        format!("UPDATE audit_log SET actor_name = '{pseudonym}'"),
        "DELETE FROM audit_log".to_owned(),
        // The statements of one call are one transaction, which may only replace values by its own pseudonym.
        format!(
            "INSERT INTO person_erasures (id, pseudonym) VALUES (gen_random_uuid(), 'erased-0a1b2c');
             UPDATE audit_log SET actor_name = '{pseudonym}x'"
        ),
        "INSERT INTO person_erasures (id, pseudonym) VALUES (gen_random_uuid(), 'erased-0a1b2c');
         UPDATE audit_log SET action = 'tenant.deleted'"
            .to_owned(),
    ] {
        let refused = db.try_run(&sql).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{sql}: {refused}");
    }
}
