//! The registry: every tenant that was not purged, with search, filters and sort. The query depends on the
//! filters, so it is built at run time from fixed parts. Every value is a bound parameter.

mod cursor;
mod filter;
mod page;
mod record;
mod rows;
mod search;
mod summary;

pub use filter::tenant_filter_problems;
pub use record::{entity_tag, read_tenant};

use domain::{
    TenantStatus,
    registry::{StatusCount, TenantFilter, TenantList},
};

use self::{filter::Selection, summary::SummaryRow};
use crate::{
    Engine, Error,
    page::{Limit, Page},
};

/// Returns one page of tenants. Uses keyset pagination, so that every page is as fast as the first. A filter
/// that [`tenant_filter_problems`] reports matches nothing.
///
/// # Errors
/// The database's error.
pub async fn list_tenants(engine: &Engine, filter: &TenantFilter, limit: Limit) -> Result<TenantList, Error> {
    let Some(selection) = Selection::parse(filter) else { return Ok(TenantList::default()) };
    let mut query = page::page_query(&selection, filter.q.trim(), limit.rows_to_query());
    // Not a prepared statement: the best plan depends on the values.
    let rows = query.build_query_as::<SummaryRow>().persistent(false).fetch_all(&engine.pool()).await?;
    let page = Page::new(rows, limit, |row| row.position(selection.sort));
    Ok(TenantList {
        tenants: page.rows.into_iter().map(|row| row.summary).collect(),
        next: page.next.map(|position| position.to_string()),
    })
}

/// Returns how many tenants from sign-ups wait for approval.
///
/// # Errors
/// The database's error.
pub async fn count_awaiting_approval(engine: &Engine) -> Result<u32, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*)::integer AS "count!" FROM (
             SELECT FROM tenants WHERE awaits_approval AND status = 'pending_activation' LIMIT $1) counted"#,
        i64::from(StatusCount::MAX)
    )
    .fetch_one(&engine.pool())
    .await?;
    Ok(count.unsigned_abs())
}

/// Returns how many tenants of the filtered plan have each status, whatever the other filters are.
///
/// # Errors
/// The database's error.
pub async fn count_tenants(engine: &Engine, filter: &TenantFilter) -> Result<Vec<StatusCount>, Error> {
    let statuses: Vec<String> = TenantStatus::ALL.iter().map(ToString::to_string).collect();
    let rows = sqlx::query!(
        r#"SELECT s.status AS "status!", (
             SELECT count(*)::integer FROM (
                 SELECT FROM tenants t
                 WHERE t.status = s.status AND ($2 = '' OR t.plan = $2) AND t.purged_at IS NULL LIMIT $3) counted
           ) AS "count!"
           FROM unnest($1::text[]) WITH ORDINALITY s (status, position) ORDER BY s.position"#,
        &statuses,
        filter.plan,
        i64::from(StatusCount::MAX)
    )
    .fetch_all(&engine.pool())
    .await?;
    let counts = rows.into_iter().filter_map(|row| {
        let status = TenantStatus::from_text(&row.status)?;
        Some(StatusCount { status, count: row.count.unsigned_abs() })
    });
    Ok(counts.collect())
}
