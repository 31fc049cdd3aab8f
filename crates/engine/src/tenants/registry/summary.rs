use domain::{
    StepState, TenantStatus, Timestamp,
    registry::{OwnerName, TenantSort, TenantSummary},
};
use sqlx::{FromRow, Row, postgres::PgRow};

use super::cursor::Position;
use crate::page::Cursor;

/// The columns of a summary, and the name as a sort key.
pub(super) const COLUMNS: &str =
    "m.id, m.code, m.slug, m.name, m.status, m.plan, u.name AS owner_name, u.email AS owner_email,
    j.state AS pipeline_state, (extract(epoch FROM m.created_at) * 1000000)::bigint AS created_us,
    lower(m.name) AS sort_name";
/// The tables that contain the columns.
pub(super) const SOURCE: &str = "FROM tenants m LEFT JOIN users u ON u.id = m.owner_id
    LEFT JOIN jobs j ON j.request_id = m.request_id";

/// A summary with its sort keys.
pub(super) struct SummaryRow {
    pub(super) summary: TenantSummary,
    created_us: i64,
    sort_name: String,
}

impl SummaryRow {
    /// The position in an order.
    pub(super) fn position(&self, sort: TenantSort) -> Position {
        let cursor = Cursor { created_us: self.created_us, id: self.summary.id };
        match sort {
            TenantSort::Created => Position::Created(cursor),
            TenantSort::Name => Position::Name { name: self.sort_name.clone(), id: cursor.id },
            TenantSort::Status => Position::Status(self.summary.status, cursor),
        }
    }
}

impl FromRow<'_, PgRow> for SummaryRow {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let created_us: i64 = row.try_get("created_us")?;
        let status: String = row.try_get("status")?;
        let name: Option<String> = row.try_get("owner_name")?;
        let email: Option<String> = row.try_get("owner_email")?;
        let pipeline_state: Option<String> = row.try_get("pipeline_state")?;
        let unexpected = |text: String| sqlx::Error::Decode(text.into());
        let summary = TenantSummary {
            id: row.try_get("id")?,
            code: row.try_get("code")?,
            slug: row.try_get("slug")?,
            name: row.try_get("name")?,
            status: TenantStatus::from_text(&status).ok_or_else(|| unexpected(format!("status {status}")))?,
            plan: row.try_get("plan")?,
            owner: name.zip(email).map(|(name, email)| OwnerName { name, email }),
            pipeline_state: pipeline_state.as_deref().and_then(StepState::from_text),
            created_at: Timestamp::from_microseconds(created_us),
        };
        Ok(Self { summary, created_us, sort_name: row.try_get("sort_name")? })
    }
}
