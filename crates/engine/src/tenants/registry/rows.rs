use sqlx::{Postgres, QueryBuilder};

use super::filter::Selection;

/// The columns of the subqueries: the ID and the sort keys. The indexes contain them.
pub(super) const KEYS: &str = "m.id, m.status, m.created_at, m.name";

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
