//! How many rows a call reads, which does not depend on the speed of the machine.

use engine::Engine;
use test_support::test_database::TestDatabase;

/// Runs `work` on a separate engine, and returns how many rows were read from a table. Reads from indexes
/// alone do not count.
pub(crate) async fn count_row_reads(db: &TestDatabase, table: &str, work: impl AsyncFnOnce(&Engine)) -> i64 {
    let reads = format!(
        "SELECT (seq_tup_read + idx_tup_fetch)::bigint FROM pg_stat_user_tables WHERE relname = '{table}'"
    );
    count(db, &reads, work).await
}

/// Runs `work` on a separate engine, and returns how many entries of an index were read.
pub(crate) async fn count_entry_reads(
    db: &TestDatabase,
    index: &str,
    work: impl AsyncFnOnce(&Engine),
) -> i64 {
    let reads = format!("SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = '{index}'");
    count(db, &reads, work).await
}

async fn count(db: &TestDatabase, reads: &str, work: impl AsyncFnOnce(&Engine)) -> i64 {
    end_other_connections(db).await;
    let before = db.number(reads).await;
    let start = db.text("SELECT clock_timestamp()::text").await;
    let engine = db.engine_at(db.options(), 1).await;
    work(&engine).await;
    engine.close().await;
    // A backend reports its statistics at the latest when it ends.
    db.wait_until(&format!(
        "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND backend_start > '{start}'
                     AND backend_type = 'client backend' AND pid <> pg_backend_pid())"
    ))
    .await;
    db.number(reads).await - before
}

/// Ends the connections of this test's pools, which open new ones. An idle backend reports the statistics of its
/// last statements up to ten seconds later, so that they could be counted as the reads of `work`.
async fn end_other_connections(db: &TestDatabase) {
    db.run(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
         WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid();
         SELECT pg_stat_force_next_flush()",
    )
    .await;
}
