use domain::ErrorCode;
use secrecy::SecretString;

use super::{parse_email, password, session};
use crate::{Engine, Error, secret::hash};

/// Failures that an account and an address may have in 15 minutes (SPEC section 10).
const ACCOUNT_LIMIT: i64 = 10;
const ADDRESS_LIMIT: i64 = 50;

/// Checks e-mail and password and opens a session for an active employee. `address` is where
/// the attempt came from.
///
/// # Errors
/// `UNAUTHENTICATED` for whatever is wrong, told apart neither by words nor by time;
/// `RATE_LIMITED` after too many failures of the account or the address.
pub async fn sign_in(engine: &Engine, email: &str, password: &str, address: &str) -> Result<SecretString, Error> {
    let canonical = parse_email(email).map(|email| email.canonical().to_owned()).unwrap_or_default();
    let (account, address) = (hash(&canonical), hash(address));
    refuse_too_many(engine, &account, &address).await?;

    let row = sqlx::query!(
        "SELECT u.id, u.password_hash FROM users u JOIN employees e ON e.user_id = u.id AND e.status = 'active'
         WHERE u.email_canonical = $1",
        canonical
    )
    .fetch_optional(&engine.pool)
    .await?;
    let (user_id, stored) = row.map_or((None, None), |row| (Some(row.id), row.password_hash));
    let matches = password::verify(engine, password, stored).await?;
    match user_id.filter(|_| matches) {
        Some(user_id) => session::open_session(&engine.pool, user_id).await,
        None => {
            note_failure(engine, &account, &address).await?;
            Err(ErrorCode::Unauthenticated.into())
        }
    }
}

async fn refuse_too_many(engine: &Engine, account: &[u8; 32], address: &[u8; 32]) -> Result<(), Error> {
    let failures = sqlx::query!(
        r#"SELECT
             (SELECT count(*) FROM sign_in_failures WHERE account_hash = $1 AND at > now() - interval '15 minutes') AS "account!",
             (SELECT count(*) FROM sign_in_failures WHERE address_hash = $2 AND at > now() - interval '15 minutes') AS "address!""#,
        &account[..],
        &address[..]
    )
    .fetch_one(&engine.pool)
    .await?;
    if failures.account >= ACCOUNT_LIMIT || failures.address >= ADDRESS_LIMIT {
        return Err(ErrorCode::RateLimited.into());
    }
    Ok(())
}

async fn note_failure(engine: &Engine, account: &[u8; 32], address: &[u8; 32]) -> Result<(), Error> {
    sqlx::query!(
        "WITH old AS (DELETE FROM sign_in_failures WHERE at < now() - interval '1 day')
         INSERT INTO sign_in_failures (account_hash, address_hash) VALUES ($1, $2)",
        &account[..],
        &address[..]
    )
    .execute(&engine.pool)
    .await?;
    Ok(())
}
