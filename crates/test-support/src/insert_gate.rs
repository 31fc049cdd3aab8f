//! A gate that blocks the atomic core halfway.

use sqlx::{Postgres, pool::PoolConnection};

use crate::test_database::TestDatabase;

/// The backends that wait at the gate.
const BLOCKED: &str = "FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// A closed gate: each insertion into `packages` waits for an advisory lock that this value holds.
pub struct InsertGate {
    holder: PoolConnection<Postgres>,
}

impl InsertGate {
    /// Closes the gate of a database.
    pub async fn close(db: &TestDatabase) -> Self {
        let mut holder = db.pool.acquire().await.unwrap();
        sqlx::query("SELECT pg_advisory_lock(4711)").execute(&mut *holder).await.unwrap();
        // Only the statement timeout limits the wait, not the lock timeout.
        db.set_insert_trigger("packages", "SET LOCAL lock_timeout = 0; PERFORM pg_advisory_xact_lock(4711)")
            .await;
        Self { holder }
    }

    /// Opens the gate: the blocked insertions continue.
    pub async fn open(mut self) {
        sqlx::query("SELECT pg_advisory_unlock(4711)").execute(&mut *self.holder).await.unwrap();
    }

    /// Waits until a backend is blocked at the gate, and returns its process ID.
    pub async fn wait_for_blocked_backend(&self, db: &TestDatabase) -> i64 {
        db.wait_until(&format!("EXISTS (SELECT {BLOCKED})")).await;
        db.number(&format!("SELECT pid::bigint {BLOCKED}")).await
    }

    /// Waits until a backend is blocked at the gate, and terminates all blocked backends.
    pub async fn terminate_blocked_backends(&self, db: &TestDatabase) {
        self.wait_for_blocked_backend(db).await;
        db.run(&format!("SELECT pg_terminate_backend(pid, 5000) {BLOCKED}")).await;
    }
}
