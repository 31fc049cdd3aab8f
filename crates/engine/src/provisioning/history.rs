//! The history of requests. The query depends on the filters, so it is built at run time from fixed parts.
//! Every value is a bound parameter.

mod detail;
mod filter;
mod page;
mod search;
mod summary;

pub use detail::{find_request, find_request_by_key};
pub use filter::filter_problems;

use domain::history::{AdminName, HistoryFilter, HistoryPage};

use self::summary::SummaryRow;
use crate::{
    Engine, Error,
    page::{Cursor, Limit, Page},
};

/// Returns one page of requests, newest first. Uses keyset pagination, so that every page is as fast as the
/// first. A filter that [`filter_problems`] reports matches nothing.
///
/// # Errors
/// The database's error.
pub async fn list_requests(
    engine: &Engine,
    filter: &HistoryFilter,
    limit: Limit,
) -> Result<HistoryPage, Error> {
    let mut query = page::page_query(filter, limit.rows_to_query());
    // Not a prepared statement: the best plan depends on the values.
    let rows = query.build_query_as::<SummaryRow>().persistent(false).fetch_all(&engine.pool()).await?;
    let page = Page::new(rows, limit, |row| Cursor { created_us: row.created_us, id: row.summary.id });
    Ok(HistoryPage {
        requests: page.rows.into_iter().map(|row| row.summary).collect(),
        next: page.next.map(|cursor| cursor.to_string()),
        admins: list_employee_names(engine).await?,
    })
}

/// The names of at most 200 employees, in alphabetical order, for the filters of lists.
///
/// # Errors
/// The database's error.
pub async fn list_employee_names(engine: &Engine) -> Result<Vec<AdminName>, Error> {
    let rows =
        sqlx::query_as!(AdminName, "SELECT id, name FROM employees ORDER BY lower(name), id LIMIT 200")
            .fetch_all(&engine.pool())
            .await?;
    Ok(rows)
}
