//! Verification of the invariants (docs/specification.md, section 9).

use serde::Serialize;
use sqlx::{Connection, FromRow};

use crate::{Engine, Error};

/// A row that violates an invariant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Violation {
    /// The description of the invariant.
    pub invariant: String,
    /// The ID, code or slug of the row.
    pub subject: String,
    /// The value that violates the invariant, or another name of the row.
    pub detail: String,
}

/// The parts of `verify_integrity`. Each part is a statement with its own snapshot. A single snapshot for all
/// parts would prevent `VACUUM` from removing dead rows for a longer time.
const PARTS: [&str; 5] = [
    "SELECT * FROM verify_requests()",
    "SELECT * FROM verify_tenants()",
    "SELECT * FROM verify_accounts()",
    "SELECT * FROM verify_jobs()",
    "SELECT * FROM verify_messages()",
];
/// A part may take minutes, and joins whole tables in memory.
const SETTINGS: &str = "SET statement_timeout = 0; SET work_mem = '64MB'";

/// Checks every invariant on every row and returns the violations. A consistent database has none.
///
/// # Errors
/// The database's error.
pub async fn verify(engine: &Engine) -> Result<Vec<Violation>, Error> {
    let mut connection = engine.connect().await?;
    sqlx::raw_sql(SETTINGS).execute(&mut connection).await?;
    let mut violations = Vec::new();
    for part in PARTS {
        violations.extend(sqlx::query_as::<_, Violation>(part).fetch_all(&mut connection).await?);
    }
    connection.close().await?;
    Ok(violations)
}
