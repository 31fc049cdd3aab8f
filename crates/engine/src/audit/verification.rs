//! The verifications that a server makes every day and whenever an admin asks for one. Their results are stored,
//! so that the console can show the latest one.

use std::time::Duration;

use domain::Timestamp;

use super::{
    append::append_new_entries,
    finding::{AuditFinding, Tampering},
    head_file::HeadFile,
    verify::{AuditVerification, verify_audit_log},
};
use crate::{Engine, Error, access::Employee};

/// How often a server verifies the log automatically.
const INTERVAL: Duration = Duration::from_secs(24 * 3_600);
/// A verification counts as interrupted when its process has not been seen for this long.
const LEASE: Duration = Duration::from_secs(20);

/// A verification of the audit log and its result.
#[derive(Debug, Clone)]
pub struct StoredVerification {
    /// When it started.
    pub started_at: Timestamp,
    /// How it ended.
    pub state: VerificationState,
}

/// How a verification ended.
#[derive(Debug, Clone)]
pub enum VerificationState {
    /// It has not ended.
    Running,
    /// Its process ended first.
    Interrupted,
    /// It is complete.
    Finished {
        /// When it ended.
        at: Timestamp,
        /// What was verified, and what does not match.
        result: AuditVerification,
    },
}

/// Starts a verification in the background, unless one is running. [`latest_verification`] returns its result.
///
/// # Errors
/// `FORBIDDEN` if the employee is no admin; the database's error.
pub async fn request_verification(engine: &Engine, by: &Employee) -> Result<(), Error> {
    by.require_provisioning()?;
    start(engine).await
}

/// Starts a verification if none has finished within a day, and none is running.
pub(super) async fn verify_daily(engine: &Engine) -> Result<(), Error> {
    let is_due = sqlx::query_scalar!(
        r#"SELECT NOT EXISTS (SELECT FROM audit_verifications
             WHERE finished_at > clock_timestamp() - make_interval(secs => $1)
                OR finished_at IS NULL AND seen_at > clock_timestamp() - make_interval(secs => $2)) AS "is_due!""#,
        INTERVAL.as_secs_f64(),
        LEASE.as_secs_f64()
    );
    if is_due.fetch_one(&engine.pool()).await? { start(engine).await } else { Ok(()) }
}

/// Returns the latest verification, if there is one.
///
/// # Errors
/// The database's error.
pub async fn latest_verification(engine: &Engine) -> Result<Option<StoredVerification>, Error> {
    let row = sqlx::query!(
        r#"SELECT (extract(epoch FROM started_at) * 1000)::bigint AS "started_ms!",
             (extract(epoch FROM finished_at) * 1000)::bigint AS finished_ms, result,
             seen_at > clock_timestamp() - make_interval(secs => $1) AS "is_running!"
           FROM audit_verifications ORDER BY id DESC LIMIT 1"#,
        LEASE.as_secs_f64()
    )
    .fetch_optional(&engine.pool())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let state = match (row.finished_ms, row.result) {
        (Some(at), Some(result)) => {
            VerificationState::Finished { at: Timestamp(at), result: serde_json::from_value(result)? }
        }
        _ if row.is_running => VerificationState::Running,
        _ => VerificationState::Interrupted,
    };
    Ok(Some(StoredVerification { started_at: Timestamp(row.started_ms), state }))
}

/// Starts a verification in a task of its own, which ends with the process.
async fn start(engine: &Engine) -> Result<(), Error> {
    let Some(id) = begin(engine).await? else { return Ok(()) };
    let engine = engine.clone();
    tokio::spawn(async move {
        let outcome = tokio::select! {
            outcome = run(&engine, id) => outcome,
            outcome = extend_lease(&engine, id) => outcome,
        };
        if let Err(error) = outcome {
            tracing::error!(%error, "the verification of the audit log failed");
        }
    });
    Ok(())
}

/// Stores that a verification is running, and returns its ID. `None` while another one is running.
async fn begin(engine: &Engine) -> Result<Option<i64>, Error> {
    let pool = engine.pool();
    sqlx::query!(
        "DELETE FROM audit_verifications WHERE started_at < clock_timestamp() - interval '90 days'
           OR finished_at IS NULL AND seen_at < clock_timestamp() - make_interval(secs => $1)",
        LEASE.as_secs_f64()
    )
    .execute(&pool)
    .await?;
    let id = sqlx::query_scalar!(
        "INSERT INTO audit_verifications DEFAULT VALUES ON CONFLICT DO NOTHING RETURNING id"
    );
    Ok(id.fetch_optional(&pool).await?)
}

/// Extends the lease until the future is dropped.
async fn extend_lease(engine: &Engine, id: i64) -> Result<(), Error> {
    loop {
        tokio::time::sleep(LEASE / 4).await;
        sqlx::query!("UPDATE audit_verifications SET seen_at = clock_timestamp() WHERE id = $1", id)
            .execute(&engine.pool())
            .await?;
    }
}

/// Verifies the log, and stores the result.
async fn run(engine: &Engine, id: i64) -> Result<(), Error> {
    let file = engine.audit_head().map_or(Ok(None), HeadFile::read);
    append_new_entries(engine).await?;
    let mut result = verify_audit_log(engine, file.as_ref().ok().and_then(Option::as_ref)).await?;
    if let Err(error) = file {
        tracing::error!(%error, "the audit log was verified without its signed head");
        result.findings.push(AuditFinding::of_log(Tampering::HeadUnreadable));
    }
    for finding in &result.findings {
        tracing::error!(%finding, "the audit log does not match its chain");
    }
    sqlx::query!(
        "UPDATE audit_verifications SET finished_at = clock_timestamp(), result = $2 WHERE id = $1",
        id,
        serde_json::to_value(&result)?
    )
    .execute(&engine.pool())
    .await?;
    Ok(())
}
