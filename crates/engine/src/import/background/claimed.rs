//! The work on one import, which belongs to this process for as long as it holds the lease.

use std::time::Duration;

use async_trait::async_trait;
use connectors::EncryptedSecret;
use domain::{
    ErrorCode,
    import::{ImportAction, ImportReport, ImportRow},
};
use serde_json::json;
use tokio::time::interval;
use uuid::Uuid;

use crate::{
    Engine, Error,
    access::{AuditActor, find_active_employee},
    import::{
        ImportProgress, ImportSettings,
        audit::{record_completed, record_failed},
        preview_import,
        run::import_folders,
        upload::read_source,
    },
};

/// How long a lease lasts without a heartbeat, in seconds.
pub(super) const LEASE_SECONDS: i32 = 15;
/// How often a process extends its lease.
const HEARTBEAT: Duration = Duration::from_secs(4);

/// An import that this process works on.
pub(super) struct ClaimedImport {
    pub id: Uuid,
    pub worker_id: Uuid,
    pub employee_id: Uuid,
    pub employee_name: String,
    pub takeovers: i16,
    pub dry_run: bool,
    pub settings: ImportSettings,
    pub sealed: EncryptedSecret,
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
    pub(super) async fn run(&self, engine: &Engine) -> Result<(), Error> {
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
                import_folders(engine, &by, &source, &self.settings, &progress).await?
            }
        };
        self.finish(engine, &report).await
    }

    /// Stores rows that are done. A row that an earlier process has stored stays.
    async fn store_rows(&self, engine: &Engine, rows: &[ImportRow]) -> Result<(), Error> {
        let files: Vec<String> = rows.iter().map(|row| row.file.clone()).collect();
        let ranks: Vec<i16> = rows.iter().map(rank).collect();
        let actions: Vec<&str> = rows.iter().map(|row| row.action.as_str()).collect();
        let with_owner: Vec<bool> = rows.iter().map(|row| row.has_owner).collect();
        let reports = rows.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
        let stored = sqlx::query_scalar!(
            r#"WITH own AS (
                 UPDATE imports SET lease_until = clock_timestamp() + make_interval(secs => $6),
                     takeovers = CASE WHEN EXISTS (SELECT FROM import_rows WHERE import_id = $1 AND file = ANY($3))
                         THEN takeovers ELSE 0 END
                 WHERE id = $1 AND worker_id = $2 AND state = 'running' RETURNING id
               ), stored AS (
                 INSERT INTO import_rows (import_id, file, rank, report, action, has_owner)
                 SELECT own.id, row.file, row.rank, row.report, row.action, row.has_owner
                 FROM own, unnest($3::text[], $4::smallint[], $5::jsonb[], $7::text[], $8::boolean[])
                     AS row (file, rank, report, action, has_owner)
                 ON CONFLICT DO NOTHING
               ) SELECT count(*) AS "count!" FROM own"#,
            self.id,
            self.worker_id,
            &files,
            &ranks,
            &reports,
            f64::from(LEASE_SECONDS),
            &actions as &[&str],
            &with_owner
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
    pub(super) async fn extend_lease(&self, engine: &Engine) {
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
        let mut transaction = engine.pool().begin().await?;
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
        .execute(&mut transaction)
        .await?;
        self.require_own(i64::try_from(finished.rows_affected()).unwrap_or_default())?;
        if !self.dry_run {
            record_completed(&mut transaction, self.actor(), Some(self.id), report).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Marks the import as failed. If this is not possible now, the import is claimed again.
    pub(super) async fn fail(&self, engine: &Engine, code: ErrorCode) {
        if let Err(error) = self.try_to_fail(engine, code).await {
            tracing::warn!(import.id = %self.id, ?error, "an import could not be marked as failed");
        }
    }

    async fn try_to_fail(&self, engine: &Engine, code: ErrorCode) -> Result<(), Error> {
        let mut transaction = engine.pool().begin().await?;
        let failed = sqlx::query!(
            "UPDATE imports SET state = 'failed', finished_at = clock_timestamp(), failure = $3, wrapped_key = NULL,
                 ciphertext = NULL
             WHERE id = $1 AND worker_id = $2 AND state = 'running'",
            self.id,
            self.worker_id,
            code.as_str()
        )
        .execute(&mut transaction)
        .await?;
        if failed.rows_affected() > 0 && !self.dry_run {
            record_failed(&mut transaction, self.actor(), Some(self.id), code).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The employee who uploaded the archive, also if the account is no longer active.
    fn actor(&self) -> AuditActor<'_> {
        AuditActor { id: Some(self.employee_id), name: &self.employee_name }
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
