//! The history of requests. Its query depends on the filters, so it is built at run time from the fixed parts below. Every
//! value is a bound parameter.

mod detail;
mod filter;

pub use detail::{find_request, find_request_by_key};

use domain::{
    ErrorCode, RequestStatus, Timestamp,
    history::{AdminName, HistoryFilter, HistoryPage, RequestSummary},
};
use sqlx::{FromRow, Row, postgres::PgRow};

use self::filter::Cursor;
use crate::{Engine, Error};

/// The number of rows of a page.
const PAGE_SIZE: usize = 50;

/// The columns of a summary and their source.
const COLUMNS: &str =
    "r.id, r.status, r.code, r.name, r.slug, r.owner_email, r.tenant_code, e.name AS requested_by,
    (extract(epoch FROM r.created_at) * 1000000)::bigint AS created_us, r.elapsed_ms, r.attempt";
const SOURCE: &str = "FROM provisioning_requests r JOIN employees e ON e.id = r.employee_id";

/// Returns one page of requests, newest first. Uses a keyset, so that late pages are as fast as the first. An invalid
/// filter matches nothing.
///
/// # Errors
/// The database's error.
pub async fn list_requests(engine: &Engine, filter: &HistoryFilter) -> Result<HistoryPage, Error> {
    let mut query = filter::page_query(filter, PAGE_SIZE + 1);
    // Not a prepared statement: the best plan depends on the values.
    let mut rows = query.build_query_as::<SummaryRow>().persistent(false).fetch_all(&engine.pool()).await?;
    let more = rows.len() > PAGE_SIZE;
    rows.truncate(PAGE_SIZE);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|row| Cursor { created_us: row.created_us, id: row.summary.id }.to_string());
    Ok(HistoryPage {
        requests: rows.into_iter().map(|row| row.summary).collect(),
        next,
        admins: admins(engine).await?,
    })
}

async fn admins(engine: &Engine) -> Result<Vec<AdminName>, Error> {
    let rows =
        sqlx::query_as!(AdminName, "SELECT id, name FROM employees ORDER BY lower(name), id LIMIT 200")
            .fetch_all(&engine.pool())
            .await?;
    Ok(rows)
}

/// A summary with its creation time in microseconds, the sort key.
struct SummaryRow {
    summary: RequestSummary,
    created_us: i64,
}

impl FromRow<'_, PgRow> for SummaryRow {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let created_us: i64 = row.try_get("created_us")?;
        let status: String = row.try_get("status")?;
        let code: Option<String> = row.try_get("code")?;
        let attempts: i32 = row.try_get("attempt")?;
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
            created_at: Timestamp(created_us.div_euclid(1000)),
            elapsed_ms: row.try_get("elapsed_ms")?,
            attempts: attempts.unsigned_abs(),
        };
        Ok(Self { summary, created_us })
    }
}
