//! `verify_integrity`: every row that breaks an invariant (SPEC section 9).

use serde::Serialize;

use crate::{Engine, Error};

/// A row that breaks an invariant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The invariant, in words.
    pub invariant: String,
    /// What breaks it: an id, a code or a slug.
    pub subject: String,
    pub detail: String,
}

/// Checks every invariant over every row. None is the only good answer.
///
/// # Errors
/// When the database cannot be asked.
pub async fn verify(engine: &Engine) -> Result<Vec<Violation>, Error> {
    let mut connection = engine.pool().acquire().await?.detach();
    sqlx::raw_sql("SET statement_timeout = 0").execute(&mut connection).await?;
    let rows = sqlx::query_as!(
        Violation,
        r#"SELECT invariant AS "invariant!", subject AS "subject!", detail AS "detail!" FROM verify_integrity()"#
    )
    .fetch_all(&mut connection)
    .await?;
    Ok(rows)
}
