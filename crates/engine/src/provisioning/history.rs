//! The history of requests. The query depends on the filters, so it is built at run time from fixed parts.
//! Every value is a bound parameter.

mod detail;
mod filter;
mod summary;

pub use detail::{find_request, find_request_by_key};
pub use filter::filter_problems;

use domain::history::{AdminName, HistoryFilter, HistoryPage};

use self::{filter::Cursor, summary::SummaryRow};
use crate::{Engine, Error};

/// The number of rows of a page.
const PAGE_SIZE: usize = 50;

/// Returns one page of requests, newest first. Uses keyset pagination, so that every page is as fast as the
/// first. A filter that [`filter_problems`] reports matches nothing.
///
/// # Errors
/// The database's error.
pub async fn list_requests(engine: &Engine, filter: &HistoryFilter) -> Result<HistoryPage, Error> {
    let mut query = filter::page_query(filter, PAGE_SIZE + 1);
    // Not a prepared statement: the best plan depends on the values.
    let mut rows = query.build_query_as::<SummaryRow>().persistent(false).fetch_all(&engine.pool()).await?;
    let has_more = rows.len() > PAGE_SIZE;
    rows.truncate(PAGE_SIZE);
    let next = rows
        .last()
        .filter(|_| has_more)
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
