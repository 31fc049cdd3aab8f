use domain::ErrorCode;
use secrecy::SecretString;

use super::{parse_email, password, session, throttle, throttle_limits::SIGN_IN};
use crate::{Engine, Error};

/// Checks the e-mail address and the password, and opens a session, unless the account belongs to a disabled
/// employee. `address` is the network address of the client.
///
/// # Errors
/// `UNAUTHENTICATED` if the e-mail address or the password is wrong, always with the same text and timing;
/// `RATE_LIMITED` after too many failures of the account, the client's network, or both together.
pub async fn sign_in(
    engine: &Engine,
    email: &str,
    password: &str,
    address: &str,
) -> Result<SecretString, Error> {
    let canonical = parse_email(email).map(|email| email.canonical().to_owned()).unwrap_or_default();
    let attempt = throttle::begin_attempt(engine, &SIGN_IN, &canonical, address).await?;

    let row = sqlx::query!(
        "SELECT u.id, u.password_hash FROM users u LEFT JOIN employees e ON e.user_id = u.id
         WHERE u.email_canonical = $1 AND (e.id IS NULL OR e.status = 'active')",
        canonical
    )
    .fetch_optional(&engine.pool())
    .await?;
    let (user_id, stored) = row.map_or((None, None), |row| (Some(row.id), row.password_hash));
    let matches = password::verify(engine, password, stored.clone()).await?;
    match user_id.zip(stored).filter(|_| matches) {
        Some((user_id, stored)) => {
            throttle::delete_attempt(engine, attempt).await?;
            session::open_session(&engine.pool(), user_id, &stored).await
        }
        None => Err(ErrorCode::Unauthenticated.into()),
    }
}
