//! An erasure while other calls name the person.

use std::time::Duration;

use domain::{ErrorCode, erasure::ErasureOutcome};
use engine::{
    audit::{append_new_entries, verify_audit_log},
    provisioning::provision,
};
use test_support::insert_gate::InsertGate;
use tokio::{task::JoinSet, time::timeout};

use super::{scan::find_texts, *};

fn anna(slug: &str) -> domain::provisioning::Draft {
    let mut draft = draft(slug);
    draft.owner_name = NAME.into();
    draft.owner_email = ANNA.into();
    draft
}

#[tokio::test]
async fn a_request_in_flight_ends_before_the_erasure_which_then_sees_its_tenant() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    // A refused request, so that there is something to erase.
    db.provision(&admin, &provision_request(anna("Not A Slug"))).await.unwrap_err();
    let gate = InsertGate::close(&db).await;
    let (engine, by) = (db.engine.clone(), admin.clone());
    let request = provision_request(anna("golden-spoon"));
    let call = tokio::spawn(async move { provision(&engine, &by, request, ORIGIN).await });
    gate.wait_for_blocked_backend(&db).await;
    let engine = db.engine.clone();
    let erasure = tokio::spawn(async move {
        let erasure = Erasure { email: &email(ANNA), reference: None, dry_run: false };
        erase_person(&engine, &Actor::Operator, erasure).await
    });
    // The erasure waits for the lock of the address.
    db.wait_until(
        "EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%lock_address%' AND wait_event = 'advisory')",
    )
    .await;
    gate.open().await;
    assert_created(call.await.unwrap());
    assert_eq!(erasure.await.unwrap().unwrap().outcome, ErasureOutcome::Refused);
}

#[tokio::test]
async fn a_request_during_the_erasure_creates_a_new_person_after_it() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    tenant(&db, "silver-spoon", ("Olive", "olive@example.com"), true).await;
    member(&db, "silver-spoon", (NAME, ANNA, "member"), true).await;
    // Stands for an erasure that has not committed yet.
    let mut held = db.pool.begin().await.unwrap();
    sqlx::query("SELECT lock_address($1, true)").bind(ANNA.to_lowercase()).execute(&mut *held).await.unwrap();
    let refused = db.provision(&admin, &provision_request(anna("golden-spoon"))).await;
    assert_eq!(refused.unwrap_err().problem().code, ErrorCode::RequestInProgress);
    held.rollback().await.unwrap();
    // While the person exists, the address is taken.
    assert_eq!(
        db.provision(&admin, &provision_request(anna("golden-spoon"))).await.unwrap_err().problem().code,
        ErrorCode::EmailUnavailable
    );
    assert_erased(&erase(&db, ANNA).await);
    assert_created(db.provision(&admin, &provision_request(anna("golden-spoon"))).await);
    assert_eq!(db.number("SELECT count(*) FROM users WHERE name = 'Erased person'").await, 1);
}

/// Every call ends, also if another one changes the same rows, and the database is consistent afterwards.
#[tokio::test]
async fn an_erasure_beside_sign_ins_requests_invitations_and_the_chain_ends() {
    let db = TestDatabase::new().await;
    for slug in ["golden-spoon", "silver-spoon"] {
        tenant(&db, slug, ("Olive", &format!("olive@{slug}.example.com")), true).await;
    }
    member(&db, "golden-spoon", (NAME, ANNA, "member"), true).await;
    let admin = db.admin().await;
    let mut calls = JoinSet::new();
    for number in 0..4 {
        let (engine, by) = (db.engine.clone(), admin.clone());
        calls.spawn(async move {
            let _ = sign_in(&engine, ANNA, PASSWORD, CLIENT).await;
            let _ = append_new_entries(&engine).await;
            let caller = TenantCaller::actor(by.clone(), "silver-spoon");
            let new = NewMember::parse(NAME, ANNA, "member", idn_to_ascii).unwrap();
            let _ = invite_member(&engine, &caller, &new, None, ORIGIN).await;
            let request = provision_request(anna(&format!("new-spoon-{number}")));
            let _ = provision(&engine, &by, request, ORIGIN).await;
        });
    }
    let engine = db.engine.clone();
    calls.spawn(async move {
        let erasure = Erasure { email: &email(ANNA), reference: None, dry_run: false };
        erase_person(&engine, &Actor::Operator, erasure).await.unwrap();
    });
    timeout(Duration::from_secs(60), calls.join_all()).await.unwrap();
    db.assert_invariants().await;
    append_new_entries(&db.engine).await.unwrap();
    assert_eq!(verify_audit_log(&db.engine, None).await.unwrap().findings, []);

    // The person who has the address now can be erased as soon as the person owns no tenant.
    let code = "SELECT coalesce((SELECT slug FROM tenants WHERE owner_email = lower('anna.nowak@mail.example')), '')";
    let owned = db.text(code).await;
    if !owned.is_empty() {
        engine::tenants::delete_tenant(&db.engine, &Actor::Operator, &owned, &owned).await.unwrap();
    }
    erase(&db, ANNA).await;
    assert_eq!(find_texts(&db, &[ANNA]).await, Vec::<String>::new());
}

#[tokio::test]
async fn two_erasures_of_one_person_erase_once() {
    let db = TestDatabase::new().await;
    tenant(&db, "golden-spoon", ("Olive", "olive@example.com"), true).await;
    member(&db, "golden-spoon", (NAME, ANNA, "member"), true).await;
    let (one, two) = tokio::join!(erase(&db, ANNA), erase(&db, ANNA));
    let mut outcomes = [one.outcome, two.outcome].map(ErasureOutcome::as_str);
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["erased", "nothing"]);
}

#[tokio::test]
async fn a_killed_erasure_has_changed_nothing() {
    let db = TestDatabase::new().await;
    tenant(&db, "golden-spoon", ("Olive", "olive@example.com"), true).await;
    member(&db, "golden-spoon", (NAME, ANNA, "member"), true).await;
    let before = find_texts(&db, &[ANNA, NAME]).await;
    // The erasure waits for this lock at its end.
    let mut held = db.pool.begin().await.unwrap();
    sqlx::query("LOCK TABLE audit_log IN SHARE MODE").execute(&mut *held).await.unwrap();
    let engine = db.engine.clone();
    let erasure = tokio::spawn(async move {
        let erasure = Erasure { email: &email(ANNA), reference: None, dry_run: false };
        erase_person(&engine, &Actor::Operator, erasure).await
    });
    let waits = "FROM pg_stat_activity WHERE query LIKE '%erase_person%' AND wait_event_type = 'Lock'";
    db.wait_until(&format!("EXISTS (SELECT {waits})")).await;
    erasure.abort();
    db.run(&format!("SELECT pg_terminate_backend(pid, 5000) {waits}")).await;
    held.rollback().await.unwrap();
    assert_eq!(find_texts(&db, &[ANNA, NAME]).await, before);
    assert_erased(&erase(&db, ANNA).await);
}
