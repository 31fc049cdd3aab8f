//! The search of the history: for the start of a slug, name or e-mail address, or for a complete code, ID or
//! key.
//!
//! A search reads the newest requests first. If enough of these requests match, they fill a page. Otherwise,
//! each part of a `UNION` reads one index. The text indexes are ordered by the period of the request. A part
//! reads the periods from the newest to the oldest until it has filled a page. A search is therefore fast
//! even if very many requests match, or only old requests match.

use domain::history::HistoryFilter;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::filter::{
    conditions, needs_part_for_each_status, newest_ids, newest_where, order_by_newest, time_conditions,
};
use crate::prefix_search::{FIRST_ROWS, PERIOD, any_starts_with, search_text, starts_with};

/// The columns that a search compares with the start of the text.
const COLUMNS: [&str; 3] = ["r.slug", "lower(r.name)", "r.owner_email"];

/// Appends a query for the IDs of at least the newest `limit` matches.
pub(super) fn push_search(
    query: &mut QueryBuilder<Postgres>,
    text: &str,
    filter: &HistoryFilter,
    limit: i64,
) {
    let text = search_text(text);
    let lower = text.to_lowercase();
    query.push("WITH recent AS MATERIALIZED (");
    recent_matches(query, &lower, filter, limit);
    query.push("), periods AS MATERIALIZED (");
    periods(query, filter, limit);
    query.push(") SELECT id FROM recent");
    for column in COLUMNS {
        query.push(" UNION ");
        matches_by_period(query, column, &lower, filter, limit);
    }
    if let Ok(id) = Uuid::parse_str(&lower) {
        for column in ["r.id = ", "r.idempotency_key = "] {
            query.push(" UNION ");
            newest_where(query, filter, limit, |query| _ = query.push(column).push_bind(id));
        }
    }
    let code = text.to_uppercase();
    query.push(" UNION ");
    newest_where(query, filter, limit, |query| {
        query.push("r.id IN (SELECT request_id FROM tenants WHERE code = ").push_bind(code.clone()).push(")");
    });
    query.push(" UNION ");
    newest_where(query, filter, limit, |query| {
        query.push("r.status = 'rolled_back' AND r.tenant_code = ").push_bind(code);
    });
}

/// Appends a query for the matches among the newest rows that the filters select.
fn recent_matches(query: &mut QueryBuilder<Postgres>, prefix: &str, filter: &HistoryFilter, limit: i64) {
    query.push("SELECT r.id FROM (SELECT r.id, r.created_at, r.slug, r.name, r.owner_email");
    query.push(" FROM provisioning_requests r WHERE ");
    if needs_part_for_each_status(filter) {
        query.push("r.id IN (");
        newest_ids(query, filter, FIRST_ROWS);
        query.push(")");
    } else {
        conditions(query, filter);
    }
    order_by_newest(query, FIRST_ROWS);
    query.push(") r WHERE ");
    any_starts_with(query, &COLUMNS, prefix);
    order_by_newest(query, limit);
}

/// Appends a query for the periods of the rows that the age limit and the cursor select, newest first. The
/// query returns no periods if `recent` fills a page.
fn periods(query: &mut QueryBuilder<Postgres>, filter: &HistoryFilter, limit: i64) {
    query.push("SELECT generate_series(");
    for order in ["r.created_at DESC, r.id DESC", "r.created_at, r.id"] {
        query.push("(SELECT ").push(PERIOD).push(" FROM provisioning_requests r WHERE true");
        time_conditions(query, filter);
        query.push(" ORDER BY ").push(order).push(" LIMIT 1), ");
    }
    query.push("-1) AS period WHERE (SELECT count(*) FROM recent) < ").push_bind(limit);
}

/// Appends a query for the IDs of the newest rows in which a column starts with a text. A nested loop reads
/// the periods in their order, and ends when it has enough rows. `OFFSET 0` makes PostgreSQL read the matches
/// of a period from the index of the column; otherwise it may read all requests of the history, newest
/// first.
fn matches_by_period(
    query: &mut QueryBuilder<Postgres>,
    column: &str,
    prefix: &str,
    filter: &HistoryFilter,
    limit: i64,
) {
    query.push("(SELECT m.id FROM periods CROSS JOIN LATERAL (SELECT r.id FROM (");
    query.push("SELECT r.id, r.created_at FROM provisioning_requests r WHERE ");
    query.push(PERIOD).push(" = period AND ");
    starts_with(query, column, prefix);
    query.push(" AND ");
    conditions(query, filter);
    query.push(" OFFSET 0) r");
    order_by_newest(query, limit);
    query.push(") m LIMIT ").push_bind(limit).push(")");
}
