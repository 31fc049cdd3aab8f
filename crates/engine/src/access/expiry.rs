use crate::{Engine, Error};

/// How long a one-time token is kept after it expired. Until its deletion, admins see when an invitation
/// expired, and the page of a used invitation says that it was accepted.
const TOKEN_RETENTION_DAYS: i32 = 30;

/// Deletes failed sign-in attempts that are older than a day, one-time tokens that expired more than 30 days ago,
/// and expired changes of addresses.
///
/// # Errors
/// The database's error.
pub(crate) async fn delete_expired(engine: &Engine) -> Result<(), Error> {
    sqlx::query!("DELETE FROM sign_in_failures WHERE at < now() - interval '1 day'")
        .execute(&engine.pool())
        .await?;
    sqlx::query!(
        "DELETE FROM one_time_tokens WHERE expires_at < now() - make_interval(days => $1)",
        TOKEN_RETENTION_DAYS
    )
    .execute(&engine.pool())
    .await?;
    sqlx::query!("DELETE FROM address_changes WHERE expires_at < now()").execute(&engine.pool()).await?;
    Ok(())
}
