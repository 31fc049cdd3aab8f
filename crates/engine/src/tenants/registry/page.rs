use sqlx::{Postgres, QueryBuilder};

use super::{
    filter::Selection,
    search::push_search,
    summary::{COLUMNS, SOURCE},
};

/// The columns of the subqueries: the ID and the sort keys. The indexes contain them.
pub(super) const KEYS: &str = "m.id, m.status, m.created_at, m.name";

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

/// Appends a query for the first rows that match a condition. Reads the first rows of each status and plan
/// that the filters select, because the indexes are ordered within one status and plan.
pub(super) fn push_first_rows(
    query: &mut QueryBuilder<Postgres>,
    selection: &Selection,
    limit: i64,
    condition: impl FnOnce(&mut QueryBuilder<Postgres>),
) {
    query.push("SELECT m.* FROM unnest(").push_bind(selection.remaining_statuses());
    query.push(") s (status) CROSS JOIN ");
    selection.push_plans(query);
    query.push(" CROSS JOIN LATERAL (SELECT ").push(KEYS);
    query.push(" FROM tenants m WHERE m.status = s.status AND m.plan = p.plan AND m.purged_at IS NULL AND ");
    condition(query);
    selection.push_position_within_status(query);
    query.push(" ORDER BY ").push(selection.order_within_status()).push(" LIMIT ").push_bind(limit);
    query.push(") m ORDER BY ").push(selection.order()).push(" LIMIT ").push_bind(limit);
}
