//! Helpers for SQL statements on the server that holds the copies, and the conversion of the server's errors.

use domain::jobs::StepFailure;
use sqlx::{AssertSqlSafe, PgConnection};

pub(super) async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), StepFailure> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map_err(failure)?;
    Ok(())
}

/// Quotes an identifier for SQL.
pub(super) fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// Quotes a text for SQL.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Converts an error of the database server into a failure. The message contains only the SQLSTATE, because
/// the text of the server may contain names and values.
pub(super) fn failure(error: sqlx::Error) -> StepFailure {
    match sqlstate_of(&error).as_deref() {
        Some("55006") => StepFailure::transient("the template is in use (55006)"),
        Some(state @ ("28000" | "28P01" | "42501" | "3D000" | "42601")) => {
            StepFailure::permanent(format!("the database server reported the error {state}"))
        }
        Some(state) => StepFailure::transient(format!("the database server reported the error {state}")),
        None => StepFailure::transient("the database server cannot be reached"),
    }
}

pub(super) fn sqlstate_of(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}
