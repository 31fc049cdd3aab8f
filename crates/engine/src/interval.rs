use std::time::Duration;

use sqlx::postgres::types::PgInterval;

use crate::Error;

/// Converts a duration to an `interval` of PostgreSQL.
///
/// # Errors
/// If the duration is too long, or more precise than microseconds.
pub(crate) fn interval(duration: Duration) -> Result<PgInterval, Error> {
    PgInterval::try_from(duration).map_err(|error| Error::UnexpectedResponse(error.to_string()))
}
