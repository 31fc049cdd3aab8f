use super::enqueue::wake_worker;
use crate::{Engine, Error};

/// How many rows a maintenance run changes at most.
const LIMIT: i32 = 1_000;

/// Enqueues the messages about trials that end soon, once each. Returns their number.
///
/// # Errors
/// The database's error.
pub(crate) async fn enqueue_trial_notices(engine: &Engine) -> Result<i32, Error> {
    let origin = engine.mailer().settings().origin.as_deref();
    let count = sqlx::query_scalar!(r#"SELECT enqueue_trial_notices($1, $2) AS "count!""#, origin, LIMIT)
        .fetch_one(&engine.pool())
        .await?;
    if count > 0 {
        wake_worker(engine);
    }
    Ok(count)
}

/// Deletes the jobs of messages that were finished 7 days ago, and the messages without a tenant and an
/// account that were finished 30 days ago.
///
/// # Errors
/// The database's error.
pub(crate) async fn delete_old_mail(engine: &Engine) -> Result<(), Error> {
    sqlx::query!("SELECT delete_old_mail($1)", LIMIT).execute(&engine.pool()).await?;
    Ok(())
}
