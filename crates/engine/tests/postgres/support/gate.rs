//! A gate in the middle of the core, at which a call stands until it is opened.

use sqlx::{Postgres, pool::PoolConnection};

use super::TestDatabase;

/// The backends that stand at the gate.
const STANDING: &str = "FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// A closed gate: an advisory lock that is held here, and waited for before each insertion into
/// `packages`.
pub struct Gate {
    keeper: PoolConnection<Postgres>,
}

impl Gate {
    pub async fn close(db: &TestDatabase) -> Self {
        let mut keeper = db.pool.acquire().await.unwrap();
        sqlx::query("SELECT pg_advisory_lock(4711)").execute(&mut *keeper).await.unwrap();
        // As long as the statement may take, however long a lock may be waited for.
        db.set_trap("packages", "SET LOCAL lock_timeout = 0; PERFORM pg_advisory_xact_lock(4711)").await;
        Self { keeper }
    }

    pub async fn open(mut self) {
        sqlx::query("SELECT pg_advisory_unlock(4711)").execute(&mut *self.keeper).await.unwrap();
    }

    /// The process of the one backend that stands at the gate, once there is one.
    pub async fn standing(&self, db: &TestDatabase) -> i64 {
        db.wait_until(&format!("EXISTS (SELECT {STANDING})")).await;
        db.number(&format!("SELECT pid::bigint {STANDING}")).await
    }

    /// Ends every backend that stands at the gate, once there is one.
    pub async fn terminate_standing(&self, db: &TestDatabase) {
        self.standing(db).await;
        db.run(&format!("SELECT pg_terminate_backend(pid, 5000) {STANDING}")).await;
    }
}
