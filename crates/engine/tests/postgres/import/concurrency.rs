use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use domain::{
    ErrorCode,
    import::{ImportAction, ImportRow},
};
use engine::{
    Error,
    import::{ImportProgress, read_directory, run_import},
};
use test_support::test_database::TestDatabase;

use super::fixture::{Tree, counts, example_id, import, importer, owners, row, settings};

/// Ends an import after a number of folders.
struct EndAfter(usize, AtomicUsize);

#[async_trait]
impl ImportProgress for EndAfter {
    async fn folder_done(&self, _: &ImportRow) -> Result<(), Error> {
        match self.1.fetch_add(1, Ordering::Relaxed) + 1 == self.0 {
            true => Err(ErrorCode::DatabaseUnavailable.into()),
            false => Ok(()),
        }
    }
}

#[tokio::test]
async fn an_interrupted_import_is_completed_by_the_next_one() {
    let db = TestDatabase::new().await;
    let (tree, owners) = (Tree::with_examples(20), owners(20));
    let source = read_directory(&tree.0).unwrap().with_owners("owners.csv", owners.as_bytes());
    let by = importer(&db).await;
    let (settings, progress) = (settings(), EndAfter(7, AtomicUsize::new(0)));
    let interrupted = run_import(&db.engine, &by, &source, &settings, &progress);
    assert!(interrupted.await.is_err());
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 7);
    assert_eq!(counts(&import(&db, &tree, Some(&owners)).await), [13, 0, 0, 7, 0, 0]);
    assert_eq!(db.number("SELECT count(*) FROM memberships").await, 28);
    db.assert_invariants().await;
}

#[tokio::test]
async fn members_that_an_interrupted_import_did_not_invite_are_invited_by_the_next_one() {
    let db = TestDatabase::new().await;
    let (tree, owners) = (Tree::with_examples(1), owners(1));
    db.set_insert_trigger(
        "memberships",
        "IF NEW.role = 'member' THEN RAISE EXCEPTION 'x' USING ERRCODE = '57P01'; END IF",
    )
    .await;
    let failed = super::fixture::try_import(&db, &tree, Some(&owners), &settings()).await;
    assert_eq!(failed.unwrap_err().problem().code, ErrorCode::DatabaseUnavailable);
    db.drop_trigger("memberships").await;
    assert_eq!(db.number("SELECT count(*) FROM memberships").await, 2);
    assert_eq!(counts(&import(&db, &tree, Some(&owners)).await), [0, 0, 0, 1, 0, 0]);
    assert_eq!(db.number("SELECT count(*) FROM memberships").await, 3);
    // A member whom the owner removes afterwards is not invited again.
    db.run("DELETE FROM memberships WHERE role = 'member'").await;
    import(&db, &tree, Some(&owners)).await;
    assert_eq!(db.number("SELECT count(*) FROM memberships").await, 2);
}

#[tokio::test]
async fn two_imports_at_the_same_time_create_each_tenant_once() {
    let db = TestDatabase::new().await;
    let (tree, owners) = (Tree::with_examples(30), owners(30));
    let (one, two) = tokio::join!(import(&db, &tree, Some(&owners)), import(&db, &tree, Some(&owners)));
    assert_eq!(one.counts.create + two.counts.create, 30);
    assert_eq!((one.counts.refused, two.counts.refused), (0, 0), "{one:?}");
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 30);
    assert_eq!(db.number("SELECT count(DISTINCT external_id) FROM tenants").await, 30);
    assert_eq!(db.number("SELECT count(*) FROM memberships").await, 42);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_folder_can_be_imported_again_after_its_tenant_was_rolled_back() {
    let db = TestDatabase::new().await;
    let tree = Tree::with_examples(1);
    import(&db, &tree, None).await;
    for _ in 0..2 {
        let request = db.text("SELECT request_id::text FROM tenants").await.parse().unwrap();
        engine::provisioning::rollback(&db.engine, request, None, "a test", true).await.unwrap();
        let report = import(&db, &tree, None).await;
        assert_eq!(row(&report, &example_id(0)).action, ImportAction::Create, "{report:?}");
    }
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 1);
}
