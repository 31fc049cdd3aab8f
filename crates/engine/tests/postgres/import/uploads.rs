use domain::{
    idempotency_key::IdempotencyKey,
    import::{AcceptedImport, ImportState, ImportSummary},
};
use engine::{
    import::{ImportUpload, accept_import, list_imports, run_imports},
    page::PageRequest,
};
use test_support::{
    test_database::{ORIGIN, TestDatabase},
    wait::wait_for_value,
};
use uuid::Uuid;

use super::archives::zip;

async fn accept(db: &TestDatabase, client: &str, dry_run: bool) -> AcceptedImport {
    let archive = zip(&[("acme/client.yaml", client.as_bytes()), ("bad/client.yaml", b"client: 1")]);
    let upload = ImportUpload { archive, dry_run, origin: ORIGIN.to_owned(), ..ImportUpload::default() };
    let key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
    accept_import(&db.engine, &db.admin().await, &key, upload).await.unwrap().0
}

async fn imports(db: &TestDatabase) -> Vec<ImportSummary> {
    list_imports(&db.engine, &db.admin().await, PageRequest::default()).await.unwrap().rows
}

/// Works on the imports of the database until all are done.
async fn work(db: &TestDatabase) -> Vec<ImportSummary> {
    let work = tokio::spawn(run_imports(db.engine.clone()));
    let imports = wait_for_value("the imports", async || {
        Some(imports(db).await).filter(|imports| imports.iter().all(|import| import.state.is_terminal()))
    })
    .await;
    work.abort();
    imports
}

async fn audited(db: &TestDatabase) -> String {
    let sql = "SELECT coalesce(string_agg(action || ' ' || subject_id, ' ' ORDER BY id), '') FROM audit_log
               WHERE subject_kind = 'import'";
    db.text(sql).await
}

#[tokio::test]
async fn an_upload_and_its_end_are_audited_once_each() {
    let db = TestDatabase::new().await;
    let id = accept(&db, "client:\n  name: Acme\n", false).await.id;
    assert_eq!(audited(&db).await, format!("import.started {id}"));
    let imports = work(&db).await;
    assert_eq!((imports[0].counts.create, imports[0].counts.refused), (1, 1));
    assert_eq!(audited(&db).await, format!("import.started {id} import.completed {id}"));
    let dry_run = accept(&db, "client:\n  name: Other\n", true).await.id;
    work(&db).await;
    assert!(audited(&db).await.ends_with(&format!("import.completed {id} import.started {dry_run}")));
}

#[tokio::test]
async fn an_import_that_stops_its_processes_fails_after_three_takeovers() {
    let db = TestDatabase::new().await;
    let id = accept(&db, "client:\n  name: Acme\n", false).await.id;
    let abandoned = "UPDATE imports SET state = 'running', worker_id = gen_random_uuid(), takeovers = ";
    // The third takeover still works on the import, and what it has done counts.
    db.run(&format!("{abandoned} 2, lease_until = now()")).await;
    assert_eq!(work(&db).await[0].state, ImportState::Completed);
    assert_eq!(db.number("SELECT takeovers::bigint FROM imports").await, 0);
    let second = accept(&db, "client:\n  name: Other\n", false).await.id;
    db.run(&format!("{abandoned} 3, lease_until = now() WHERE state = 'pending'")).await;
    let imports = work(&db).await;
    assert_eq!(
        (imports[0].state, imports[0].failure),
        (ImportState::Failed, Some(domain::ErrorCode::WorkerLost))
    );
    assert_eq!(
        audited(&db).await,
        format!("import.started {id} import.completed {id} import.started {second} import.failed {second}")
    );
}

#[tokio::test]
async fn the_rows_of_an_earlier_version_are_counted() {
    let db = TestDatabase::new().await;
    accept(&db, "client:\n  name: Acme\n", false).await;
    let counts = work(&db).await[0].counts;
    assert_eq!((counts.create, counts.without_owner, counts.refused), (1, 1, 1));
    db.run("UPDATE import_rows SET action = NULL, has_owner = NULL").await;
    assert_eq!(imports(&db).await[0].counts, counts);
}
