//! The summary of a request, which is a part of both the list and the details of the history.

use domain::{ErrorCode, RequestStatus, Timestamp, history::RequestSummary};
use sqlx::{FromRow, Row, postgres::PgRow};

/// The columns of a summary.
pub(super) const COLUMNS: &str =
    "r.id, r.status, r.code, r.name, r.slug, r.owner_email, r.tenant_code, e.name AS requested_by,
    (extract(epoch FROM r.created_at) * 1000000)::bigint AS created_us, r.elapsed_ms, r.attempt,
    (extract(epoch FROM r.redacted_at) * 1000)::bigint AS redacted_ms";
/// The tables that contain the columns.
pub(super) const SOURCE: &str = "FROM provisioning_requests r JOIN employees e ON e.id = r.employee_id";

/// A summary with its creation time in microseconds, the sort key.
pub(super) struct SummaryRow {
    pub(super) summary: RequestSummary,
    pub(super) created_us: i64,
}

impl FromRow<'_, PgRow> for SummaryRow {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let created_us: i64 = row.try_get("created_us")?;
        let status: String = row.try_get("status")?;
        let code: Option<String> = row.try_get("code")?;
        let attempts: i32 = row.try_get("attempt")?;
        let redacted_ms: Option<i64> = row.try_get("redacted_ms")?;
        let summary = RequestSummary {
            id: row.try_get("id")?,
            status: RequestStatus::from_text(&status)
                .ok_or_else(|| sqlx::Error::Decode(format!("status {status}").into()))?,
            code: code.as_deref().and_then(ErrorCode::from_text),
            name: row.try_get("name")?,
            slug: row.try_get("slug")?,
            owner_email: row.try_get("owner_email")?,
            tenant_code: row.try_get("tenant_code")?,
            requested_by: row.try_get("requested_by")?,
            created_at: Timestamp::from_microseconds(created_us),
            elapsed_ms: row.try_get("elapsed_ms")?,
            attempts: attempts.unsigned_abs(),
            redacted_at: redacted_ms.map(Timestamp),
        };
        Ok(Self { summary, created_us })
    }
}
