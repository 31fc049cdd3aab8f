//! The erasure of a person (`docs/PRIVACY.md`): replaces the personal data of one person everywhere by a random
//! pseudonym, and ends the person's access. It cannot be undone.
//!
//! The SQL function `erase_person` does the work in one transaction, so that an interrupted erasure has changed
//! nothing. It finds the address in every column of every table, also in tables that a later version adds.

use std::time::Duration;

use domain::{
    ErrorCode,
    email::Email,
    erasure::{ErasedPlace, ErasureOutcome, ErasureRefusal, ErasureReport, RefusalKind},
};
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use crate::{
    Engine, Error,
    access::{Actor, account_hashes, client_address, lock_access},
    import::find_archives_with,
};

/// How often an erasure is repeated that waited too long for a lock, or conflicts with another change.
const MAX_RETRIES: u32 = 30;
/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(300);
/// An erasure reads every table. It gives up its locks when it waits for another transaction, before PostgreSQL
/// would search for a deadlock, so that the other transaction continues.
const SETTINGS: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '800ms';
    SET LOCAL idle_in_transaction_session_timeout = '60s'";
/// The longest reference, in characters.
const MAX_REFERENCE: usize = 200;

/// The person to erase.
#[derive(Debug, Clone, Copy)]
pub struct Erasure<'a> {
    /// The current or a former address of the person.
    pub email: &'a Email,
    /// The number of the person's request, for the audit log. At most 200 characters are recorded.
    pub reference: Option<&'a str>,
    /// Whether nothing is changed. The report says what would be.
    pub dry_run: bool,
}

/// What the SQL function returns.
#[derive(Debug, Deserialize)]
struct Erased {
    outcome: ErasureOutcome,
    pseudonym: Option<String>,
    #[serde(default)]
    places: Vec<ErasedPlace>,
    #[serde(default)]
    refusals: Vec<ErasureRefusal>,
}

/// Erases the person with an address: an account with its employee and its memberships, or somebody whose address
/// is only stored elsewhere. Ends the person's sessions, links and tokens. Audited. A repeated call finds nothing.
///
/// A request that names the address at the same time ends before the erasure, and is erased, or begins after it,
/// for a new person.
///
/// # Errors
/// `FORBIDDEN` unless the actor is a SUPER_ADMIN or the operator; `LOCK_TIMEOUT` if other transactions hold the
/// rows of the person all the time; the database's error. A refusal is not an error, but in the report.
pub async fn erase_person(
    engine: &Engine,
    actor: &Actor,
    erasure: Erasure<'_>,
) -> Result<ErasureReport, Error> {
    actor.require_access_management()?;
    engine.require_schema()?;
    let mut retries = 0;
    loop {
        match try_erase(engine, actor, erasure).await {
            Err(error) if retries < MAX_RETRIES && is_conflict(&error) => {
                retries += 1;
                tokio::time::sleep(PAUSE.mul_f64(rand::random_range(0.5..1.5))).await;
            }
            result => return result,
        }
    }
}

fn is_conflict(error: &Error) -> bool {
    let code = error.problem().code;
    matches!(code, ErrorCode::SerializationFailure | ErrorCode::Deadlock | ErrorCode::LockTimeout)
}

async fn try_erase(engine: &Engine, actor: &Actor, erasure: Erasure<'_>) -> Result<ErasureReport, Error> {
    // A statement of the pool has a time limit.
    let mut connection = engine.connect().await?;
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(SETTINGS).execute(&mut *transaction).await?;
    lock_access(&mut *transaction).await?;
    let actor = actor.reread(&mut *transaction).await?;
    actor.require_access_management()?;
    let erased = erase(&mut transaction, engine, &actor, erasure).await?;
    match erased.outcome {
        ErasureOutcome::Erased if !erasure.dry_run => transaction.commit().await?,
        _ => transaction.rollback().await?,
    }
    connection.close().await?;
    Ok(ErasureReport {
        outcome: erased.outcome,
        dry_run: erasure.dry_run,
        pseudonym: erased.pseudonym.filter(|_| !erasure.dry_run),
        places: erased.places,
        refusals: erased.refusals,
    })
}

async fn erase(
    transaction: &mut PgConnection,
    engine: &Engine,
    actor: &Actor,
    erasure: Erasure<'_>,
) -> Result<Erased, Error> {
    let canonical = erasure.email.canonical();
    let spellings: Vec<String> = international_spelling(erasure.email).into_iter().collect();
    sqlx::query!("SELECT lock_address($1, true)", canonical).fetch_one(&mut *transaction).await?;
    let addresses = sqlx::query_scalar!(
        r#"SELECT addresses AS "addresses!" FROM person_of_address($1, $2)"#,
        canonical,
        &spellings
    )
    .fetch_one(&mut *transaction)
    .await?;
    let client_address = client_address();
    let archives = find_archives_with(transaction, engine, &addresses).await?;
    let reference = erasure.reference.map(str::trim).filter(|reference| !reference.is_empty());
    let result = sqlx::query_scalar!(
        r#"SELECT erase_person($1, $2, $3, $4, $5, $6, $7, $8) AS "result!""#,
        canonical,
        &spellings,
        &account_hashes(&addresses),
        &archives.finished,
        reference.map(|reference| reference.chars().take(MAX_REFERENCE).collect::<String>()),
        actor.id(),
        actor.name(),
        client_address.as_deref()
    )
    .fetch_one(transaction)
    .await?;
    let mut erased: Erased = serde_json::from_value(result)?;
    if !archives.running.is_empty() {
        let refusal =
            |name| ErasureRefusal { kind: RefusalKind::RunningImport, code: None, name: Some(name) };
        erased.refusals.extend(archives.running.into_iter().map(refusal));
        erased.outcome = ErasureOutcome::Refused;
        erased.places.clear();
    }
    Ok(erased)
}

/// The address with its domain in Unicode, if that differs.
fn international_spelling(email: &Email) -> Option<String> {
    let (local, domain) = email.canonical().split_once('@')?;
    let (unicode, result) = idna::domain_to_unicode(domain);
    (result.is_ok() && unicode != domain).then(|| format!("{local}@{unicode}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_international_domain_has_two_spellings() {
        let parse = |text| crate::access::parse_email(text).unwrap();
        let spelling = international_spelling(&parse("Max@Bücher.example"));
        assert_eq!(spelling.as_deref(), Some("max@bücher.example"));
        assert_eq!(international_spelling(&parse("max@example.com")), None);
    }
}
