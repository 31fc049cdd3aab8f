//! Verification of the invariants (docs/specification.md, section 9).

use serde::Serialize;

use crate::{Engine, Error};

/// A row that violates an invariant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The description of the invariant.
    pub invariant: String,
    /// The id, code or slug of the row.
    pub subject: String,
    /// The value that violates the invariant, or another name of the row.
    pub detail: String,
}

/// Checks every invariant on every row and returns the violations. A consistent database has none.
///
/// # Errors
/// The database's error.
pub async fn verify(engine: &Engine) -> Result<Vec<Violation>, Error> {
    let mut connection = engine.pool().connect().await?;
    sqlx::raw_sql("SET statement_timeout = 0").execute(&mut connection).await?;
    let rows = sqlx::query_as!(
        Violation,
        r#"SELECT invariant AS "invariant!", subject AS "subject!", detail AS "detail!" FROM verify_integrity()"#
    )
    .fetch_all(&mut connection)
    .await?;
    Ok(rows)
}
