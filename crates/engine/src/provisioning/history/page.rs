use domain::history::HistoryFilter;
use sqlx::{Postgres, QueryBuilder};

use super::{
    filter::{newest_ids, order_by_newest},
    search::push_search,
    summary::{COLUMNS, SOURCE},
};

/// Builds the query of one page with at most `limit` rows. A subquery selects the IDs. The indexes of the
/// filters include the sort key, so PostgreSQL selects the IDs mostly without reading the table.
pub(super) fn page_query(filter: &HistoryFilter, limit: i64) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(COLUMNS).push(" ").push(SOURCE).push(" WHERE r.id IN (");
    match filter.q.trim() {
        "" => newest_ids(&mut query, filter, limit),
        text => push_search(&mut query, text, filter, limit),
    }
    query.push(")");
    order_by_newest(&mut query, limit);
    query
}
