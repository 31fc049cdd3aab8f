use engine::adoption::{AdoptionError, AdoptionOptions, EarlierFunction};

use super::{both, run};

fn retiring() -> AdoptionOptions {
    AdoptionOptions { retire: true, ..AdoptionOptions::default() }
}

#[tokio::test]
async fn retiring_drops_the_function_and_nothing_else() {
    let (db, earlier) = both().await;
    earlier.create_tenant("golden-spoon").await;
    let (rows, before) = (earlier.checksums().await, earlier.catalog().await);
    let report = run(&db, retiring()).await.unwrap();
    assert_eq!((report.adopted.len(), report.function), (1, EarlierFunction::Dropped));
    let after = earlier.catalog().await;
    let dropped: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
    assert_eq!(dropped.len(), 1, "{dropped:?}");
    assert!(
        dropped[0].starts_with("function provision_tenant(uuid,text,text,text,text)")
            || dropped[0].starts_with("function public.provision_tenant(uuid,text,text,text,text)"),
        "{dropped:?}"
    );
    assert!(after.iter().all(|line| before.contains(line)));
    assert_eq!(earlier.checksums().await, rows);
    assert_eq!(db.number("SELECT count(*) FROM audit_log WHERE action = 'earlier_system.retired'").await, 1);

    let repeated = run(&db, retiring()).await.unwrap();
    assert_eq!((repeated.unchanged, repeated.function), (1, EarlierFunction::Absent));
    assert_eq!(earlier.catalog().await, after);
}

#[tokio::test]
async fn the_function_stays_until_every_tenant_is_adopted_or_acknowledged() {
    let (db, earlier) = both().await;
    earlier.create_tenant("golden-spoon").await;
    earlier.create_tenant("not_valid").await;
    let catalog = earlier.catalog().await;
    let Err(AdoptionError::Incomplete { count, report }) = run(&db, retiring()).await else { panic!() };
    assert_eq!((count, report.adopted.len()), (1, 1));
    assert_eq!(earlier.catalog().await, catalog);
    let report = run(&db, AdoptionOptions { accept_not_adopted: true, ..retiring() }).await.unwrap();
    assert_eq!((report.function, report.unchanged, report.missing()), (EarlierFunction::Dropped, 1, 1));
}

#[tokio::test]
async fn a_function_that_something_depends_on_is_not_dropped() {
    let (db, earlier) = both().await;
    earlier.create_tenant("golden-spoon").await;
    earlier
        .run("CREATE VIEW made AS SELECT provision_tenant(NULL, NULL, NULL, NULL, NULL) AS id FROM tenants WHERE false")
        .await;
    let catalog = earlier.catalog().await;
    assert!(matches!(run(&db, retiring()).await, Err(AdoptionError::Retire(_))));
    assert_eq!(earlier.catalog().await, catalog);
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 1);
}
