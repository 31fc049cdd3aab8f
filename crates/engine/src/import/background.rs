//! Works on uploaded imports. Any process takes one over whose process was killed, because the archive and the
//! rows that are done are in the database, and an import can be repeated.
//!
//! An import is not a job of the job runner: it has no steps that could be undone, and its effects are tenants, which
//! have their own jobs. A lease is enough, because two processes that work on the same import do no harm.

use std::time::Duration;

use async_trait::async_trait;
use connectors::EncryptedSecret;
use domain::{
    ErrorCode, Timestamp,
    import::{ImportAction, ImportReport, ImportRow},
};
use serde_json::json;
use tokio::time::{interval, timeout};
use uuid::Uuid;

use super::{ImportProgress, ImportSettings, preview_import, run_import, upload::read_source};
use crate::{Engine, Error, access::find_active_employee};

/// How long a lease lasts without a heartbeat, in seconds.
const LEASE_SECONDS: i32 = 15;
/// How often a process extends its lease.
const HEARTBEAT: Duration = Duration::from_secs(4);
/// How often a process looks for uploads of other processes, and for those of processes that were killed.
const POLL: Duration = Duration::from_secs(3);

/// An import that this process works on.
struct ClaimedImport {
    id: Uuid,
    worker_id: Uuid,
    employee_id: Uuid,
    dry_run: bool,
    settings: ImportSettings,
    sealed: EncryptedSecret,
}

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
             started_at = coalesce(started_at, clock_timestamp())
           WHERE id = (
               SELECT id FROM imports WHERE state IN ('pending', 'running') AND lease_until <= clock_timestamp()
               ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
           RETURNING id, employee_id, dry_run, encrypt_secrets, origin, wrapped_key AS "wrapped_key!",
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
    let result = tokio::select! {
        result = import.run(engine) => result,
        () = import.extend_lease(engine) => return,
    };
    if let Err(error) = result {
        let code = error.problem().code;
        if code.is_retryable() && code != ErrorCode::ProvisioningFailed {
            tracing::warn!(import.id = %import.id, ?error, "an import was interrupted and will be continued");
            return;
        }
        error.report();
        if let Err(error) = import.fail(engine, code).await {
            tracing::warn!(import.id = %import.id, ?error, "an import could not be marked as failed");
        }
    }
}

/// Stores the rows that are done.
struct StoredProgress<'a> {
    import: &'a ClaimedImport,
    engine: &'a Engine,
}

#[async_trait]
impl ImportProgress for StoredProgress<'_> {
    async fn folder_done(&self, row: &ImportRow) -> Result<(), Error> {
        self.import.store_rows(self.engine, std::slice::from_ref(row)).await
    }
}

impl ClaimedImport {
    async fn run(&self, engine: &Engine) -> Result<(), Error> {
        let source = read_source(engine, self.id, &self.sealed).await?;
        let by = find_active_employee(&engine.pool(), self.employee_id).await?;
        let report = match self.dry_run {
            true => {
                by.require_provisioning()?;
                let report = preview_import(engine, &source, &self.settings).await?;
                self.store_rows(engine, &report.rows).await?;
                report
            }
            false => {
                let progress = StoredProgress { import: self, engine };
                run_import(engine, &by, &source, &self.settings, &progress).await?
            }
        };
        self.finish(engine, &report).await
    }

    /// Stores rows that are done. A row that an earlier process has stored stays.
    async fn store_rows(&self, engine: &Engine, rows: &[ImportRow]) -> Result<(), Error> {
        let files: Vec<String> = rows.iter().map(|row| row.file.clone()).collect();
        let ranks: Vec<i16> = rows.iter().map(rank).collect();
        let reports = rows.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
        let stored = sqlx::query_scalar!(
            r#"WITH own AS (
                 UPDATE imports SET lease_until = clock_timestamp() + make_interval(secs => $6)
                 WHERE id = $1 AND worker_id = $2 AND state = 'running' RETURNING id
               ), stored AS (
                 INSERT INTO import_rows (import_id, file, rank, report)
                 SELECT own.id, row.file, row.rank, row.report
                 FROM own, unnest($3::text[], $4::smallint[], $5::jsonb[]) AS row (file, rank, report)
                 ON CONFLICT DO NOTHING
               ) SELECT count(*) AS "count!" FROM own"#,
            self.id,
            self.worker_id,
            &files,
            &ranks,
            &reports,
            f64::from(LEASE_SECONDS)
        )
        .fetch_one(&engine.pool())
        .await?;
        self.require_own(stored)
    }

    /// An error that ends the work of a process whose lease another one has taken over.
    fn require_own(&self, rows: i64) -> Result<(), Error> {
        match rows {
            1 => Ok(()),
            _ => Err(ErrorCode::SerializationFailure.into()),
        }
    }

    /// Extends the lease until another process has taken the import over.
    async fn extend_lease(&self, engine: &Engine) {
        let mut ticks = interval(HEARTBEAT);
        loop {
            ticks.tick().await;
            let extended = sqlx::query!(
                "UPDATE imports SET lease_until = clock_timestamp() + make_interval(secs => $3)
                 WHERE id = $1 AND worker_id = $2 AND state = 'running'",
                self.id,
                self.worker_id,
                f64::from(LEASE_SECONDS)
            )
            .execute(&engine.pool())
            .await;
            if extended.is_ok_and(|done| done.rows_affected() == 0) {
                tracing::warn!(import.id = %self.id, "another process has taken an import over");
                return;
            }
        }
    }

    /// Marks the import as completed. Deletes the archive, unless this was a dry run, which can be imported.
    async fn finish(&self, engine: &Engine, report: &ImportReport) -> Result<(), Error> {
        let finished = sqlx::query!(
            "UPDATE imports SET state = 'completed', finished_at = clock_timestamp(), problems = $3, not_imported = $4,
                 wrapped_key = CASE WHEN dry_run THEN wrapped_key END,
                 ciphertext = CASE WHEN dry_run THEN ciphertext END
             WHERE id = $1 AND worker_id = $2 AND state = 'running'",
            self.id,
            self.worker_id,
            json!(report.problems),
            json!(report.not_imported)
        )
        .execute(&engine.pool())
        .await?;
        self.require_own(i64::try_from(finished.rows_affected()).unwrap_or_default())
    }

    async fn fail(&self, engine: &Engine, code: ErrorCode) -> Result<(), Error> {
        sqlx::query!(
            "UPDATE imports SET state = 'failed', finished_at = clock_timestamp(), failure = $3, wrapped_key = NULL,
                 ciphertext = NULL
             WHERE id = $1 AND worker_id = $2 AND state = 'running'",
            self.id,
            self.worker_id,
            code.as_str()
        )
        .execute(&engine.pool())
        .await?;
        Ok(())
    }
}

/// Problems come first.
fn rank(row: &ImportRow) -> i16 {
    match row.action {
        ImportAction::Refused => 0,
        ImportAction::Differs => 1,
        ImportAction::Create if !row.has_owner => 2,
        ImportAction::Create | ImportAction::Activate => 3,
        ImportAction::Unchanged => 4,
    }
}
