use std::io::{Cursor, Write};

use domain::{
    ErrorCode, Role,
    erasure::{ErasureOutcome, RefusalKind},
    idempotency_key::IdempotencyKey,
};
use engine::import::{ImportUpload, accept_import};
use test_support::requests::assert_error;
use uuid::Uuid;
use zip::{ZipWriter, write::SimpleFileOptions};

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

/// Uploads an archive with one tenant and this owner. No process works on it.
async fn upload(db: &TestDatabase, name: &str, owner: &str) {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("acme/client.yaml", SimpleFileOptions::default()).unwrap();
    archive.write_all(b"client:\n  name: Acme\n").unwrap();
    let upload = ImportUpload {
        file_name: name.into(),
        archive: archive.finish().unwrap().into_inner(),
        owners: Some(format!("tenant_id,email,name,role\nacme,{owner},Somebody,owner\n").into_bytes()),
        dry_run: true,
        ..ImportUpload::default()
    };
    let key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
    accept_import(&db.engine, &db.admin().await, &key, upload).await.unwrap();
}

#[tokio::test]
async fn a_running_import_with_the_address_is_refused_and_the_archive_of_a_finished_one_is_deleted() {
    let db = TestDatabase::new().await;
    tenant(&db, "golden-spoon", ("Olive", "olive@example.com"), true).await;
    member(&db, "golden-spoon", (NAME, ANNA, "member"), true).await;
    upload(&db, "clients.zip", &ANNA.to_uppercase()).await;
    upload(&db, "others.zip", "ida@example.com").await;
    assert_eq!(kinds(&erase(&db, ANNA).await), [(RefusalKind::RunningImport, Some("clients.zip"))]);
    db.run("UPDATE imports SET state = 'completed', finished_at = now()").await;
    assert_erased(&erase(&db, ANNA).await);
    let kept = "SELECT string_agg(file_name, ' ') FROM imports WHERE ciphertext IS NOT NULL";
    assert_eq!(db.text(kept).await, "others.zip");
}

#[tokio::test]
async fn an_erasure_without_an_audit_entry_is_refused_by_the_database() {
    let db = TestDatabase::new().await;
    let insert = "INSERT INTO person_erasures (id, pseudonym) VALUES (gen_random_uuid(), 'erased-0a1b2c')";
    let refused = db.try_run(insert).await.unwrap_err();
    assert!(refused.to_string().contains("must be in the audit log"), "{refused}");
}
