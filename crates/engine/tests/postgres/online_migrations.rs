//! Migrations of a database that is in use.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use engine::{Engine, Error, MasterKey, access::Employee, provisioning::provision};
use sqlx::{Postgres, Transaction};
use tokio::task::{JoinHandle, JoinSet};

use test_support::{
    requests::{assert_created, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

/// The longest time that a call may take while a migration runs. A call that waits for a lock fails after
/// 3 s.
const LONGEST_CALL: Duration = Duration::from_millis(2_500);

/// Restores the indexes that the migrations 20261127120100 and 20261127120200 replace. The first one also
/// creates an index that 20261202080100 drops.
const RESTORE_INDEXES: &str = "
    DROP INDEX requests_retention_idx, attempts_retention_idx, requests_employee_status_idx, requests_code_created_idx,
        requests_period_slug_idx, requests_period_name_idx, requests_period_email_idx, requests_rolled_back_code_idx;
    CREATE INDEX requests_employee_idx ON provisioning_requests (employee_id, created_at DESC, id DESC);
    CREATE INDEX requests_code_idx ON provisioning_requests (code, created_at DESC, id DESC) WHERE code IS NOT NULL;
    CREATE INDEX requests_slug_idx ON provisioning_requests (slug text_pattern_ops) INCLUDE (created_at, id);
    CREATE INDEX requests_name_idx ON provisioning_requests (lower(name) text_pattern_ops)
        INCLUDE (name, created_at, id);
    CREATE INDEX requests_email_idx ON provisioning_requests (owner_email text_pattern_ops) INCLUDE (created_at, id);
    CREATE INDEX requests_tenant_code_idx ON provisioning_requests (tenant_code) WHERE tenant_code IS NOT NULL;
    DELETE FROM _sqlx_migrations WHERE version IN (20261127120100, 20261127120200, 20261202080100)";

const INDEXES: &str =
    "SELECT string_agg(pg_get_indexdef(indexrelid) || indisvalid, ';' ORDER BY indexrelid::regclass::text)
    FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE c.relnamespace = 'tenantry'::regnamespace";
const BUILD_WAITS: &str = "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
    AND query LIKE '%CREATE INDEX CONCURRENTLY%' AND query NOT LIKE '%pg_stat_activity%' AND wait_event_type = 'Lock')";

/// Returns a database with a tenant and with the indexes of an earlier version, an admin, and the definitions
/// of the indexes of this version.
async fn earlier_version() -> (TestDatabase, Employee, String) {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    let indexes = db.text(INDEXES).await;
    db.run(RESTORE_INDEXES).await;
    assert_ne!(db.text(INDEXES).await, indexes);
    (db, admin, indexes)
}

/// A transaction that has run `statement` and stays open.
async fn open_transaction(db: &TestDatabase, statement: &'static str) -> Transaction<'static, Postgres> {
    let mut transaction = db.pool.begin().await.unwrap();
    let no_limit = "SET LOCAL idle_in_transaction_session_timeout = 0";
    sqlx::raw_sql(no_limit).execute(&mut *transaction).await.unwrap();
    sqlx::raw_sql(statement).execute(&mut *transaction).await.unwrap();
    transaction
}

/// Starts a migration, as a server of the new version does when it starts.
fn start_migration(db: &TestDatabase) -> JoinHandle<Result<(), Error>> {
    let engine = Engine::new(db.options(), 2, 1, MasterKey::new([1; 32]));
    tokio::spawn(async move { engine.migrate().await })
}

/// Calls that provision tenants, one after the other in each of four tasks, until they are stopped.
struct Calls {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<(u32, Duration)>,
}

impl Calls {
    fn start(db: &TestDatabase, admin: &Employee) -> Self {
        let (stop, mut tasks) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
        for task in 0..4 {
            let (engine, admin, stop) = (db.engine.clone(), admin.clone(), stop.clone());
            tasks.spawn(async move {
                let (mut count, mut longest) = (0, Duration::ZERO);
                while !stop.load(Ordering::Relaxed) {
                    let (request, start) =
                        (provision_request(draft(&format!("call-{task}-{count}"))), Instant::now());
                    assert_created(provision(&engine, &admin, request, ORIGIN).await);
                    (count, longest) = (count + 1, longest.max(start.elapsed()));
                }
                (count, longest)
            });
        }
        Self { stop, tasks }
    }

    /// Waits until 20 more calls have completed.
    async fn wait_for_more(&self, db: &TestDatabase) {
        let completed = db.number("SELECT count(*) FROM tenants").await;
        db.wait_until(&format!("SELECT count(*) >= {completed} + 20 FROM tenants")).await;
    }

    /// Stops the calls, and asserts that none failed or waited long.
    async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for (count, longest) in self.tasks.join_all().await {
            assert!(count > 0 && longest < LONGEST_CALL, "{count} calls, the longest took {longest:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_waits_or_fails_while_two_starting_servers_build_indexes() {
    let (db, admin, indexes) = earlier_version().await;
    // Building an index waits for the transactions that were open when the build began.
    let writing = open_transaction(&db, "UPDATE provisioning_requests SET name = name").await;
    let calls = Calls::start(&db, &admin);
    let migrations = [start_migration(&db), start_migration(&db)];
    db.wait_until(BUILD_WAITS).await;
    calls.wait_for_more(&db).await;
    // PostgreSQL looks for a deadlock of both servers after a second.
    tokio::time::sleep(Duration::from_secs(2)).await;
    calls.wait_for_more(&db).await;
    assert!(migrations.iter().all(|migration| !migration.is_finished()));

    writing.commit().await.unwrap();
    for migration in migrations {
        migration.await.unwrap().unwrap();
    }
    calls.stop().await;
    assert_eq!(db.text(INDEXES).await, indexes);
    db.engine.check_schema().await.unwrap();
    db.assert_invariants().await;
}

/// A server that starts applies the functions after all migrations. Meanwhile, servers of the version without mail
/// change tenants, invitations and members.
#[tokio::test]
async fn between_the_migrations_and_the_functions_the_triggers_need_no_function_of_mail() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    db.run(
        "DELETE FROM outbox_messages;
         DO $$ DECLARE f regprocedure; BEGIN
             FOR f IN SELECT p.oid FROM pg_proc p, function_sets s
                 WHERE p.proname = ANY (s.names) AND p.prosrc LIKE '%outbox_messages%'
             LOOP EXECUTE 'DROP FUNCTION ' || f; END LOOP;
         END $$",
    )
    .await;
    assert!(db.try_run("SELECT cancel_messages('', '')").await.is_err());
    for statement in [
        "UPDATE tenants SET status = 'suspended', suspended_at = now(), suspension_reason = 'unpaid'",
        "UPDATE tenants SET status = 'active', suspended_at = NULL, suspension_reason = NULL",
        "UPDATE one_time_tokens SET revoked_at = now(), expires_at = now()",
        "UPDATE one_time_tokens SET revoked_at = NULL, used_at = now()",
        "UPDATE users SET password_hash = 'x'",
        "DELETE FROM one_time_tokens",
    ] {
        db.run(statement).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_was_killed_while_it_built_an_index_can_be_run_again() {
    let (db, _, indexes) = earlier_version().await;
    let writing = open_transaction(&db, "UPDATE provisioning_requests SET name = name").await;
    let migration = start_migration(&db);
    db.wait_until(BUILD_WAITS).await;
    db.run(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()
             AND query LIKE '%CREATE INDEX CONCURRENTLY%' AND pid <> pg_backend_pid()",
    )
    .await;
    assert!(migration.await.unwrap().is_err());
    let invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";
    assert_eq!(db.number(invalid).await, 1);

    writing.commit().await.unwrap();
    start_migration(&db).await.unwrap().unwrap();
    assert_eq!(db.number(invalid).await, 0);
    assert_eq!(db.text(INDEXES).await, indexes);
    db.engine.check_schema().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_do_not_wait_behind_a_migration_that_waits_for_the_lock_of_a_table() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    // Changes constraints of tenants and jobs, and can be repeated.
    db.run("DELETE FROM _sqlx_migrations WHERE version = 20261127080000").await;
    let reading = open_transaction(&db, "SELECT FROM tenants").await;
    let migration = start_migration(&db);
    let calls = Calls::start(&db, &admin);
    for _ in 0..2 {
        let waits = "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock')";
        db.wait_until(waits).await;
        calls.wait_for_more(&db).await;
    }
    assert!(!migration.is_finished());
    reading.commit().await.unwrap();
    migration.await.unwrap().unwrap();
    calls.stop().await;
}
