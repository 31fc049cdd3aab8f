use domain::ErrorCode;
use engine::adoption::{AdoptionError, AdoptionOptions};
use test_support::{
    earlier_system::EarlierSystem,
    insert_gate::InsertGate,
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{MASTER_KEY, TestDatabase},
};

use super::{adopt_all, both, run};

/// A checksum over the rows of the tenants `old-…` in every table of the earlier system.
const OLD_ROWS: &str = "
    WITH old AS (SELECT id, email FROM auth.users WHERE email LIKE 'owner@old-%')
    SELECT md5(string_agg(line, '|' ORDER BY line)) || ' ' || count(*) FROM (
        SELECT t::text FROM public.tenants t WHERE slug LIKE 'old-%'
        UNION ALL SELECT a::text FROM public.auto_provisioning a WHERE restaurant_slug LIKE 'old-%'
        UNION ALL SELECT u::text FROM auth.users u JOIN old USING (id)
        UNION ALL SELECT p::text FROM public.profiles p JOIN old USING (id)
        UNION ALL SELECT e::text FROM public.employees e JOIN old ON old.id = e.user_id) rows (line)";

/// A call of the core that waits for the earlier system.
const WAITING: &str = "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'
    AND query LIKE '%provision_tenant_atomic%' AND datname = current_database())";

/// Begins a transaction of the earlier system that has created a tenant.
async fn uncommitted(earlier: &EarlierSystem, slug: &str) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut transaction = earlier.pool().begin().await.unwrap();
    sqlx::query("SELECT provision_tenant(gen_random_uuid(), 'Restaurant', $1, 'pro', 'de')")
        .bind(slug)
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction
}

#[tokio::test]
async fn an_uncommitted_tenant_of_the_earlier_system_is_waited_for() {
    let (db, earlier) = both().await;
    let admin = db.admin().await;
    let transaction = uncommitted(&earlier, "golden-spoon").await;
    let request = provision_request(draft("golden-spoon"));
    let (result, ()) = tokio::join!(db.provision(&admin, &request), async {
        db.wait_until(WAITING).await;
        transaction.commit().await.unwrap();
    });
    assert_error(result, ErrorCode::DuplicateSlug);

    let transaction = uncommitted(&earlier, "silver-spoon").await;
    let request = provision_request(draft("silver-spoon"));
    let (result, ()) = tokio::join!(db.provision(&admin, &request), async {
        db.wait_until(WAITING).await;
        transaction.rollback().await.unwrap();
    });
    assert_created(result);
}

#[tokio::test]
async fn an_uncommitted_account_of_the_earlier_system_is_waited_for() {
    let (db, earlier) = both().await;
    let admin = db.admin().await;
    for (slug, is_committed) in [("golden-spoon", true), ("silver-spoon", false)] {
        let request = provision_request(draft(slug));
        let mut transaction = earlier.pool().begin().await.unwrap();
        sqlx::query("INSERT INTO auth.users (email) VALUES (upper($1))")
            .bind(&request.draft.owner_email)
            .execute(&mut *transaction)
            .await
            .unwrap();
        let (result, ()) = tokio::join!(db.provision(&admin, &request), async {
            db.wait_until(WAITING).await;
            match is_committed {
                true => transaction.commit().await.unwrap(),
                false => transaction.rollback().await.unwrap(),
            }
        });
        match is_committed {
            true => drop(assert_error(result, ErrorCode::EmailUnavailable)),
            false => drop(assert_created(result)),
        }
    }
}

#[tokio::test]
async fn a_wait_for_the_earlier_system_ends_with_a_lock_timeout() {
    let (db, earlier) = both().await;
    let admin = db.admin().await;
    let transaction = uncommitted(&earlier, "golden-spoon").await;
    let request = provision_request(draft("blue-heron"));
    assert_error(db.provision(&admin, &request).await, ErrorCode::LockTimeout);
    assert_eq!(
        db.text("SELECT status || ' ' || code FROM provisioning_requests").await,
        "failed LOCK_TIMEOUT"
    );
    transaction.commit().await.unwrap();
    assert_created(db.provision(&admin, &request).await);
    db.assert_invariants().await;
}

/// No reader or writer of the earlier system waits for a transaction of Tenantry.
#[tokio::test]
async fn the_earlier_system_is_not_blocked() {
    let (db, earlier) = both().await;
    let admin = db.admin().await;
    let gate = InsertGate::close(&db).await;
    let request = provision_request(draft("golden-spoon"));
    let (result, ()) = tokio::join!(db.provision(&admin, &request), async {
        gate.wait_for_blocked_backend(&db).await;
        // Tenantry does not see this tenant, and the earlier system does not look at Tenantry.
        earlier.create_tenant("golden-spoon").await;
        earlier
            .run("BEGIN; LOCK TABLE tenants, auto_provisioning, auth.users IN EXCLUSIVE MODE NOWAIT; COMMIT")
            .await;
        gate.open().await;
    });
    assert_created(result);
    let report = adopt_all(&db).await;
    assert_eq!((report.missing(), report.not_adopted[0].slug.as_str()), (1, "golden-spoon"));
}

#[tokio::test]
async fn an_earlier_system_in_use_is_adopted_completely_and_keeps_every_row() {
    let (db, earlier) = both().await;
    let admin = db.admin().await;
    for number in 0..12 {
        earlier.create_tenant(&format!("old-{number}")).await;
    }
    earlier.run("INSERT INTO employees (user_id) SELECT id FROM auth.users").await;
    let before = db.text(OLD_ROWS).await;
    // Each tenant has a row in every table.
    assert!(before.ends_with(" 60"), "{before}");
    let writers = earlier.start_writers(3);
    let mut adopted = 0;
    let mut refused = 0;
    for _ in 0..4 {
        let count = writers.created();
        adopted += adopt_all(&db).await.adopted.len();
        // A tenant that the earlier system has created meanwhile.
        db.wait_until(&format!("(SELECT count(*) FROM public.tenants) > {}", 12 + count)).await;
        let newest = db
            .text("SELECT slug FROM public.tenants WHERE slug LIKE 'busy-%' ORDER BY created_at DESC LIMIT 1")
            .await;
        assert_error(
            db.provision(&admin, &provision_request(draft(&newest))).await,
            ErrorCode::DuplicateSlug,
        );
        refused += 1;
        assert_eq!(db.text(OLD_ROWS).await, before);
    }
    let created = writers.stop().await;
    assert!(adopted >= 12 && created > 4 && refused == 4, "{adopted} {created}");

    let (rows, catalog) = (earlier.checksums().await, earlier.catalog().await);
    let last = adopt_all(&db).await;
    assert_eq!(adopted + last.adopted.len(), 12 + created);
    assert_eq!((last.missing(), adopt_all(&db).await.unchanged), (0, 12 + created));
    assert_eq!((earlier.checksums().await, earlier.catalog().await), (rows, catalog));
    assert_eq!(db.text(OLD_ROWS).await, before);
    assert_eq!(
        db.number("SELECT count(*) FROM public.tenants e FULL JOIN tenants t ON t.external_id = 'earlier:' || e.id AND t.slug = e.slug WHERE e.id IS NULL OR t.id IS NULL").await,
        0
    );
    db.assert_invariants().await;
}

#[tokio::test]
async fn one_adoption_runs_at_a_time_and_an_interrupted_one_is_continued() {
    let (db, earlier) = both().await;
    for number in 0..3 {
        earlier.create_tenant(&format!("old-{number}")).await;
    }
    let gate = InsertGate::close(&db).await;
    let other = engine::Engine::new(db.options(), 2, 1, engine::MasterKey::new(MASTER_KEY));
    other.check_schema().await.unwrap();
    let (url, options) = (db.url(), AdoptionOptions::default());
    let first = tokio::spawn(async move { engine::adoption::adopt(&other, &url, &options).await });
    gate.wait_for_blocked_backend(&db).await;
    assert!(matches!(run(&db, AdoptionOptions::default()).await, Err(AdoptionError::InProgress)));
    // The first run dies in the middle of its first tenant.
    first.abort();
    gate.terminate_blocked_backends(&db).await;
    gate.open().await;
    db.wait_until("NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 7310)").await;
    assert_eq!(adopt_all(&db).await.adopted.len(), 3);
    db.assert_invariants().await;
}

/// Without the earlier system, the core takes no lock on other tables and reads no rows of them.
#[tokio::test]
async fn provisioning_without_the_earlier_system_does_not_wait() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    db.run("CREATE TABLE public.tenants (id uuid, slug text, name text)").await;
    let mut transaction = db.pool.begin().await.unwrap();
    sqlx::query("INSERT INTO public.tenants VALUES (gen_random_uuid(), 'golden-spoon', 'x')")
        .execute(&mut *transaction)
        .await
        .unwrap();
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
}
