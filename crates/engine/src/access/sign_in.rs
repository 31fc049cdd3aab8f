use domain::{ErrorCode, Problem};
use secrecy::SecretString;

use super::{parse_email, password, session};
use crate::{Engine, Error, secret::hash};

/// How many failed attempts to sign in to an account are allowed in 15 minutes (`docs/specification.md`,
/// section 10).
const ACCOUNT_LIMIT: i64 = 10;
/// How many failed attempts from a network address are allowed in 15 minutes.
const ADDRESS_LIMIT: i64 = 50;

/// Checks the e-mail address and the password, and opens a session for an active employee. `address` is the
/// network address of the client.
///
/// # Errors
/// `UNAUTHENTICATED` if the e-mail address or the password is wrong, always with the same text and timing;
/// `RATE_LIMITED` after too many failures of the account or the address.
pub async fn sign_in(
    engine: &Engine,
    email: &str,
    password: &str,
    address: &str,
) -> Result<SecretString, Error> {
    let canonical = parse_email(email).map(|email| email.canonical().to_owned()).unwrap_or_default();
    let attempt = begin_attempt(engine, &hash(&canonical), &hash(address)).await?;

    let row = sqlx::query!(
        "SELECT u.id, u.password_hash FROM users u JOIN employees e ON e.user_id = u.id AND e.status = 'active'
         WHERE u.email_canonical = $1",
        canonical
    )
    .fetch_optional(&engine.pool())
    .await?;
    let (user_id, stored) = row.map_or((None, None), |row| (Some(row.id), row.password_hash));
    let matches = password::verify(engine, password, stored).await?;
    match user_id.filter(|_| matches) {
        Some(user_id) => {
            delete_attempt(engine, attempt).await?;
            session::open_session(&engine.pool(), user_id).await
        }
        None => Err(ErrorCode::Unauthenticated.into()),
    }
}

/// Records the attempt as failed before the password is checked, so that concurrent attempts count too.
/// Refuses the attempt if there were too many failures; a refused attempt does not count.
async fn begin_attempt(engine: &Engine, account: &[u8; 32], address: &[u8; 32]) -> Result<i64, Error> {
    let attempt = sqlx::query_scalar!(
        "WITH old AS (DELETE FROM sign_in_failures WHERE at < now() - interval '1 day')
         INSERT INTO sign_in_failures (account_hash, address_hash) VALUES ($1, $2) RETURNING id",
        &account[..],
        &address[..]
    )
    .fetch_one(&engine.pool())
    .await?;
    let recent = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE account_hash = $1) AS "account!", count(*) FILTER (WHERE address_hash = $2) AS "address!",
             extract(epoch FROM min(at) FILTER (WHERE account_hash = $1) + interval '15 minutes' - now())::integer AS "account_wait!",
             extract(epoch FROM min(at) FILTER (WHERE address_hash = $2) + interval '15 minutes' - now())::integer AS "address_wait!"
           FROM sign_in_failures WHERE (account_hash = $1 OR address_hash = $2) AND at > now() - interval '15 minutes'"#,
        &account[..],
        &address[..]
    )
    .fetch_one(&engine.pool())
    .await?;
    let waits = [
        (recent.account > ACCOUNT_LIMIT, recent.account_wait),
        (recent.address > ADDRESS_LIMIT, recent.address_wait),
    ];
    let wait = waits.into_iter().filter_map(|(over, seconds)| over.then_some(seconds)).max();
    if let Some(seconds) = wait {
        delete_attempt(engine, attempt).await?;
        let retry_after = Some(seconds.max(1).unsigned_abs());
        return Err(Problem { retry_after, ..ErrorCode::RateLimited.into() }.into());
    }
    Ok(attempt)
}

async fn delete_attempt(engine: &Engine, attempt: i64) -> Result<(), Error> {
    sqlx::query!("DELETE FROM sign_in_failures WHERE id = $1", attempt).execute(&engine.pool()).await?;
    Ok(())
}
