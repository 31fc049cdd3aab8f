//! Works on uploaded imports. Any process takes one over whose process was killed, because the archive and the
//! rows that are done are in the database, and an import can be repeated.
//!
//! An import is not a job of the job runner: it has no steps that could be undone, and its effects are tenants, which
//! have their own jobs. A lease is enough, because two processes that work on the same import do no harm.

mod claimed;

use std::{sync::Arc, time::Duration};

use connectors::EncryptedSecret;
use domain::{ErrorCode, Timestamp};
use tokio::{task::JoinSet, time::timeout};
use uuid::Uuid;

use self::claimed::{ClaimedImport, LEASE_SECONDS};
use super::ImportSettings;
use crate::{Engine, Error};

/// How often a process looks for uploads of other processes, and for those of processes that were killed.
const POLL: Duration = Duration::from_secs(3);
/// How often in a row an import is taken over without a file being done. After that it fails, because its files may be
/// the reason why the processes stop.
const MAX_TAKEOVERS: i16 = 3;

/// Works on uploaded imports, one at a time, until the future is dropped.
pub async fn run_imports(engine: Engine) {
    let worker_id = Uuid::now_v7();
    loop {
        match claim(&engine, worker_id).await {
            Ok(Some(import)) => work_on(&engine, import).await,
            Ok(None) => {
                let _ = timeout(POLL, engine.uploads().notified()).await;
            }
            Err(error) => {
                tracing::debug!(?error, "could not look for imports");
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

async fn claim(engine: &Engine, worker_id: Uuid) -> Result<Option<ClaimedImport>, Error> {
    engine.require_schema()?;
    let row = sqlx::query!(
        r#"UPDATE imports SET state = 'running', worker_id = $1,
             lease_until = clock_timestamp() + make_interval(secs => $2),
             started_at = coalesce(started_at, clock_timestamp()),
             takeovers = CASE WHEN state = 'running' THEN least(takeovers, 1000) + 1 ELSE 0 END
           WHERE id = (
               SELECT id FROM imports WHERE state IN ('pending', 'running') AND lease_until <= clock_timestamp()
               ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
           RETURNING id, employee_id, takeovers, dry_run,
             (SELECT e.name FROM employees e WHERE e.id = imports.employee_id) AS "employee_name!",
             encrypt_secrets, origin, wrapped_key AS "wrapped_key!",
             ciphertext AS "ciphertext!", (extract(epoch FROM started_at) * 1000000)::bigint AS "started_us!""#,
        worker_id,
        f64::from(LEASE_SECONDS)
    )
    .fetch_optional(&engine.pool())
    .await?;
    Ok(row.map(|row| ClaimedImport {
        id: row.id,
        worker_id,
        employee_id: row.employee_id,
        employee_name: row.employee_name,
        takeovers: row.takeovers,
        dry_run: row.dry_run,
        settings: ImportSettings {
            encrypt_secrets: row.encrypt_secrets,
            origin: row.origin,
            continued_since: Some(Timestamp::from_microseconds(row.started_us)),
        },
        sealed: EncryptedSecret { wrapped_key: row.wrapped_key, ciphertext: row.ciphertext },
    }))
}

/// Works on an import. After a failure that may be temporary, the import is claimed again when its lease has
/// expired.
async fn work_on(engine: &Engine, import: ClaimedImport) {
    if import.takeovers > MAX_TAKEOVERS {
        tracing::error!(import.id = %import.id, "an import fails, because too many processes stopped while they worked on it");
        return import.fail(engine, ErrorCode::WorkerLost).await;
    }
    let import = Arc::new(import);
    // A task of its own, which no long computation of the import delays. Aborted when the set is dropped.
    let mut lease = JoinSet::new();
    let (lease_engine, leased) = (engine.clone(), import.clone());
    lease.spawn(async move { leased.extend_lease(&lease_engine).await });
    let result = tokio::select! {
        result = import.run(engine) => result,
        _ = lease.join_next() => return,
    };
    if let Err(error) = result {
        let code = error.problem().code;
        if code.is_retryable() && code != ErrorCode::ProvisioningFailed {
            tracing::warn!(import.id = %import.id, ?error, "an import was interrupted and will be continued");
            return;
        }
        error.report();
        import.fail(engine, code).await;
    }
}
