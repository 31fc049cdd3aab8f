use sqlx::{Postgres, QueryBuilder};

use super::{
    filter::Selection,
    rows::push_first_rows,
    search::push_search,
    summary::{COLUMNS, SOURCE},
};

/// Builds the query of one page with at most `limit` rows. A subquery selects the IDs, mostly without reading
/// the table.
pub(super) fn page_query(selection: &Selection, text: &str, limit: i64) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(COLUMNS).push(" ").push(SOURCE).push(" WHERE m.id IN (SELECT m.id FROM (");
    match text {
        "" => push_first_rows(&mut query, selection, limit, |query| _ = query.push("true")),
        text => push_search(&mut query, text, selection, limit),
    }
    query.push(") m ORDER BY ").push(selection.order()).push(" LIMIT ").push_bind(limit);
    query.push(") ORDER BY ").push(selection.order());
    query
}
