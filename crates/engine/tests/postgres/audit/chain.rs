//! How entries get into the chain.

use super::*;

#[tokio::test]
async fn entries_are_appended_once() {
    let (db, admin) = chained_log(3).await;
    assert_eq!(append_new_entries(&db.engine).await.unwrap(), 0);
    change(&db, &admin, 3).await;
    assert_eq!(append_new_entries(&db.engine).await.unwrap(), 1);
    assert_eq!(db.number("SELECT count(*) FROM audit_chain").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_processes_append_each_entry_once() {
    let (db, admin) = chained_log(1).await;
    for round in 0..5 {
        for number in 1..=4 {
            change(&db, &admin, number).await;
        }
        let append = || append_new_entries(&db.engine);
        let (first, second, third) = tokio::join!(append(), append(), append());
        assert_eq!(first.unwrap() + second.unwrap() + third.unwrap(), 4, "round {round}");
    }
    let result = verify(&db, None).await;
    assert_eq!((result.verified, result.pending, result.findings), (21, 0, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_is_committed_late_is_appended_after_entries_with_higher_ids() {
    let (db, admin) = chained_log(1).await;
    let mut late = db.pool.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO audit_log (actor_name, action, subject_kind) VALUES ('late', 'late', 'connector')",
    )
    .execute(&mut *late)
    .await
    .unwrap();
    for number in 1..=4 {
        change(&db, &admin, number).await;
        assert_eq!(append_new_entries(&db.engine).await.unwrap(), 1);
    }
    assert_eq!(verify(&db, None).await.pending, 0);
    late.commit().await.unwrap();
    assert_eq!(verify(&db, None).await.pending, 1);
    assert_eq!(append_new_entries(&db.engine).await.unwrap(), 1);
    let late = "SELECT position FROM audit_chain JOIN audit_log ON id = entry_id WHERE action = 'late'";
    assert_eq!(db.number(late).await, 6);
    let result = verify(&db, None).await;
    assert_eq!((result.verified, result.pending, result.findings), (6, 0, vec![]));
    settle(&db, 6).await;
}

#[tokio::test]
async fn a_restored_database_with_lower_transaction_ids_continues() {
    let (db, admin) = chained_log(2).await;
    db.run("UPDATE audit_chain_progress SET candidate_xid = '9000000000000'").await;
    change(&db, &admin, 2).await;
    settle(&db, 3).await;
    assert_eq!(verify(&db, None).await.findings, []);
}

#[tokio::test]
async fn values_of_every_shape_are_verifiable() {
    let (db, _) = chained_log(1).await;
    db.run(
        r#"INSERT INTO audit_log (actor_name, client_address, action, subject_kind, before, after) VALUES
           (E'A "quoted" name \\ with\tcontrol\x01 characters \x7f and 星川', '2001:db8::1', 'x', 'connector',
            '{}', '{"a.b": 1.10, "": null, "é\"\\\u0002": [1, {"z": 1, "a": "x"}], "big": 123456789012345678901234567890}')"#,
    )
    .await;
    assert_eq!(append_new_entries(&db.engine).await.unwrap(), 1);
    assert_eq!(verify(&db, None).await.findings, []);
    // The SQL functions that erase values hash them in the same way.
    let erase = "SELECT erase_audit_values(entry, changed) FROM audit_log entry, LATERAL (SELECT (jsonb_populate_record(
        entry, '{\"actor_name\": \"redacted\", \"after\": {\"a.b\": 1.10, \"big\": null}}')).*) changed WHERE entry.action = 'x'";
    tamper(&db, erase).await;
    let result = verify(&db, None).await;
    assert_eq!(texts(&result.findings), ["values of entry 2 (position 2) were erased without a record"]);
    // Erasing once more keeps the hashes of the values that are gone.
    let erase = erase.replace("\"a.b\": 1.10", "\"a.b\": null");
    tamper(&db, &erase).await;
    assert_eq!(texts(&verify(&db, None).await.findings), texts(&result.findings));
    assert_eq!(
        db.number("SELECT count(*) FROM audit_salts WHERE seed IS NOT NULL AND entry_id = 2").await,
        0
    );
}
