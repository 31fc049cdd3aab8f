use domain::{
    ErrorCode, Role,
    erasure::{ErasureOutcome, RefusalKind},
};
use test_support::requests::assert_error;

use super::{scan::find_texts, *};

/// The kinds of the refusals, with the tenants.
fn kinds(report: &ErasureReport) -> Vec<(RefusalKind, Option<&str>)> {
    report.refusals.iter().map(|refusal| (refusal.kind, refusal.name.as_deref())).collect()
}

#[tokio::test]
async fn the_last_owner_of_a_tenant_is_refused_until_another_owner_has_joined() {
    let db = TestDatabase::new().await;
    tenant(&db, "golden-spoon", (NAME, ANNA), true).await;
    let before = find_texts(&db, &[ANNA, NAME]).await;
    for report in [preview(&db, ANNA).await, erase(&db, ANNA).await] {
        assert_eq!(report.outcome, ErasureOutcome::Refused);
        assert_eq!(kinds(&report), [(RefusalKind::LastOwner, Some("The golden-spoon company"))]);
        assert_eq!(report.places, []);
    }
    assert_eq!(find_texts(&db, &[ANNA, NAME]).await, before);

    // An invited owner has not joined.
    member(&db, "golden-spoon", ("Ida", "ida@example.com", "owner"), false).await;
    assert_eq!(erase(&db, ANNA).await.outcome, ErasureOutcome::Refused);
    member(&db, "golden-spoon", ("Max", "max@example.com", "owner"), true).await;
    assert_erased(&erase(&db, ANNA).await);
    let owner = "SELECT t.owner_email || ' ' || t.status FROM tenants t";
    assert_eq!(db.text(owner).await, "max@example.com active");
    let transferred = "SELECT count(*) FROM audit_log WHERE action = 'tenant.owner_changed'";
    assert_eq!(db.number(transferred).await, 1);
    assert_eq!(find_texts(&db, &[ANNA, NAME]).await, Vec::<String>::new());
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_last_super_admin_and_the_own_account_are_refused() {
    let db = TestDatabase::new().await;
    let ada = employee(&db, "Ada", "ada@example.com", Role::SuperAdmin).await;
    assert_eq!(kinds(&erase(&db, "ada@example.com").await), [(RefusalKind::LastSuperAdmin, None)]);
    employee(&db, "Bob", "bob@example.com", Role::SuperAdmin).await;
    let own = try_erase(&db, &Actor::from(ada), "ada@example.com", false).await.unwrap();
    assert_eq!(kinds(&own), [(RefusalKind::OwnAccount, None)]);
    assert_erased(&erase(&db, "ada@example.com").await);
    assert_eq!(kinds(&erase(&db, "bob@example.com").await), [(RefusalKind::LastSuperAdmin, None)]);
}

#[tokio::test]
async fn only_a_super_admin_and_the_operator_erase() {
    let db = TestDatabase::new().await;
    employee(&db, "Root", "root@example.com", Role::SuperAdmin).await;
    for role in [Role::Admin, Role::Viewer] {
        let by = Actor::from(db.employee(role).await);
        for dry_run in [true, false] {
            assert_error(try_erase(&db, &by, ANNA, dry_run).await, ErrorCode::Forbidden);
        }
    }
}

#[tokio::test]
async fn a_running_import_with_the_address_is_refused() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    tenant(&db, "golden-spoon", ("Olive", "olive@example.com"), true).await;
    member(&db, "golden-spoon", (NAME, ANNA, "member"), true).await;
    // The test cannot decrypt the archive either, so that it may contain the address.
    db.run(&format!(
        "INSERT INTO imports (id, idempotency_key, fingerprint, employee_id, file_name, dry_run, encrypt_secrets, origin,
             wrapped_key, ciphertext, total)
         VALUES (gen_random_uuid(), gen_random_uuid(), sha256('x'), '{}', 'clients.zip', false, false, '', 'x', 'y', 1)",
        admin.id
    ))
    .await;
    assert_eq!(kinds(&erase(&db, ANNA).await), [(RefusalKind::RunningImport, Some("clients.zip"))]);
    db.run("UPDATE imports SET state = 'completed', finished_at = now()").await;
    assert_erased(&erase(&db, ANNA).await);
    assert_eq!(db.number("SELECT count(*) FROM imports WHERE ciphertext IS NULL").await, 1);
}

#[tokio::test]
async fn an_erasure_without_an_audit_entry_is_refused_by_the_database() {
    let db = TestDatabase::new().await;
    let insert = "INSERT INTO person_erasures (id, pseudonym) VALUES (gen_random_uuid(), 'erased-0a1b2c')";
    let refused = db.try_run(insert).await.unwrap_err();
    assert!(refused.to_string().contains("must be in the audit log"), "{refused}");
}
