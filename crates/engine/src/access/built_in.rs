use domain::ErrorCode;

use super::Employee;
use crate::{Engine, Error};

/// Returns a built-in employee, on whose behalf the installation acts. A migration creates it, and nobody can
/// change it.
///
/// # Errors
/// `SCHEMA_OUT_OF_DATE` if it does not exist; the database's error.
pub(crate) async fn find_built_in_employee(engine: &Engine, name: &str) -> Result<Employee, Error> {
    let row = sqlx::query!("SELECT id, name, role FROM employees WHERE built_in = $1", name)
        .fetch_optional(&engine.pool())
        .await?
        .ok_or(ErrorCode::SchemaOutOfDate)?;
    Employee::from_row(row.id, row.name, &row.role)
}
