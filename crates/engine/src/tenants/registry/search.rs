//! The search of the registry: for the start of a name, a slug or an owner's address, or for a complete code,
//! ID or address of a member. See [`crate::prefix_search`] for how a search reads few rows.

use domain::registry::TenantSort;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::{
    cursor::Position,
    filter::{Selection, push_time},
    rows::{KEYS, push_first_rows},
};
use crate::{
    page::Cursor,
    prefix_search::{FIRST_ROWS, PERIOD, any_starts_with, search_text, starts_with},
};

const NAME: &str = "lower(m.name)";
/// The columns that a search compares with the start of the text.
const COLUMNS: [&str; 3] = ["m.slug", NAME, "m.owner_email"];
/// The columns that a search compares with the complete text in upper case, as it is, and as an ID.
const CODE: &str = "m.code";
const EXTERNAL_ID: &str = "m.external_id";
const ID: &str = "m.id";
/// How many matches in a column a search in the order by name sorts. If there are more, the search reads them
/// in their order.
const MAX_SORTED: i64 = 5_000;
/// How many characters of the column begin an index in the order by name.
const START_LENGTH: usize = 3;

/// Appends a query for at least the first `limit` matches.
pub(super) fn push_search(query: &mut QueryBuilder<Postgres>, text: &str, selection: &Selection, limit: i64) {
    let text = search_text(text);
    let prefix = text.to_lowercase();
    query.push("WITH first AS MATERIALIZED (");
    push_first_matches(query, &prefix, selection, limit);
    query.push("), periods AS MATERIALIZED (");
    push_periods(query, selection, limit);
    query.push(") SELECT m.* FROM first m");
    for column in COLUMNS {
        query.push(" UNION (");
        match selection.sort {
            TenantSort::Name if column == NAME => {
                push_first_rows(query, selection, limit, |query| starts_with(query, NAME, &prefix));
            }
            TenantSort::Name => push_matches_by_name(query, column, &prefix, selection, limit),
            _ => push_matches_by_period(query, column, &prefix, selection, limit),
        }
        query.push(")");
    }
    push_equal(query, CODE, text.to_uppercase(), selection);
    push_equal(query, EXTERNAL_ID, text, selection);
    if let Ok(id) = Uuid::try_parse(&prefix) {
        push_equal(query, ID, id, selection);
    }
    if prefix.contains('@') {
        push_tenants_of_member(query, prefix, selection, limit);
    }
}

/// Appends a query for the matches among the first rows that the filters select. `OFFSET 0` makes PostgreSQL
/// look up each of these rows; otherwise it may read the whole table.
fn push_first_matches(query: &mut QueryBuilder<Postgres>, prefix: &str, selection: &Selection, limit: i64) {
    query.push("SELECT ").push(KEYS).push(" FROM (");
    push_first_rows(query, selection, FIRST_ROWS, |query| _ = query.push("true"));
    query.push(
        ") first_row CROSS JOIN LATERAL (SELECT m.* FROM tenants m WHERE m.id = first_row.id OFFSET 0) m",
    );
    query.push(" WHERE (");
    any_starts_with(query, &COLUMNS, prefix);
    query.push(") ORDER BY ").push(selection.order()).push(" LIMIT ").push_bind(limit);
}

/// Appends a query for the periods to read, in the order of the pages if possible: newest first, and in the
/// order by status, all periods for each status. The query returns no periods if `first` fills a page.
fn push_periods(query: &mut QueryBuilder<Postgres>, selection: &Selection, limit: i64) {
    query.push("SELECT s.status, p.period FROM unnest(");
    match selection.sort {
        TenantSort::Status => query.push_bind(selection.remaining_statuses()),
        TenantSort::Created | TenantSort::Name => query.push("'{NULL}'::text[]"),
    };
    query.push(") WITH ORDINALITY s (status, position) CROSS JOIN generate_series(");
    push_first_period(query, " DESC");
    query.push(", ");
    push_first_period(query, "");
    query.push(", -1) p (period) WHERE (SELECT count(*) FROM first) < ").push_bind(limit);
    match &selection.after {
        Some(Position::Created(cursor)) => {
            query.push(" AND p.period <= ");
            push_period_of(query, *cursor);
        }
        Some(Position::Status(last, cursor)) => {
            query.push(" AND (s.status <> ").push_bind(last.as_str()).push(" OR p.period <= ");
            push_period_of(query, *cursor);
            query.push(")");
        }
        Some(Position::Name { .. }) | None => {}
    }
    query.push(" ORDER BY s.position, p.period DESC");
}

/// Appends a query for the first period that has a tenant, in the order of an index.
fn push_first_period(query: &mut QueryBuilder<Postgres>, direction: &str) {
    query.push("(SELECT ").push(PERIOD).push(" FROM tenants WHERE purged_at IS NULL ORDER BY ");
    query.push(PERIOD).push(direction).push(" LIMIT 1)");
}

/// Appends a query for the period of a cursor.
fn push_period_of(query: &mut QueryBuilder<Postgres>, cursor: Cursor) {
    query.push("(SELECT ").push(PERIOD).push(" FROM (SELECT ");
    push_time(query, cursor);
    query.push(" AS created_at) cursor)");
}

/// Appends a query for the first rows in which a column starts with a text, in the order of the pages. A
/// nested loop reads the periods in this order, and ends when it has enough rows.
fn push_matches_by_period(
    query: &mut QueryBuilder<Postgres>,
    column: &str,
    prefix: &str,
    selection: &Selection,
    limit: i64,
) {
    query.push("SELECT m.* FROM periods s CROSS JOIN LATERAL (SELECT m.* FROM (");
    push_matches_of_period(query, column, prefix, selection);
    query.push(") m ORDER BY ").push(selection.order()).push(" LIMIT ").push_bind(limit).push(") m");
    query.push(" LIMIT ").push_bind(limit);
}

/// Appends a query for the rows of the period `s` in which a column starts with a text. `OFFSET 0` makes
/// PostgreSQL read them from the index of the column.
fn push_matches_of_period(
    query: &mut QueryBuilder<Postgres>,
    column: &str,
    prefix: &str,
    selection: &Selection,
) {
    query.push("SELECT ").push(KEYS).push(" FROM tenants m WHERE ").push(PERIOD).push(" = s.period AND ");
    starts_with(query, column, prefix);
    if selection.sort == TenantSort::Status {
        query.push(" AND m.status = s.status");
    }
    selection.push_conditions(query);
    query.push(" OFFSET 0");
}

/// Appends a query for the first rows in the order by name in which a column starts with a text. Reads all
/// matches and sorts them, unless they are more than [`MAX_SORTED`].
fn push_matches_by_name(
    query: &mut QueryBuilder<Postgres>,
    column: &str,
    prefix: &str,
    selection: &Selection,
    limit: i64,
) {
    query.push("WITH few AS MATERIALIZED (SELECT m.* FROM periods s CROSS JOIN LATERAL (");
    push_matches_of_period(query, column, prefix, selection);
    query.push(") m LIMIT ").push_bind(MAX_SORTED + 1);
    query.push("), number AS MATERIALIZED (SELECT count(*) AS of_few FROM few) SELECT m.* FROM (");
    query.push("SELECT m.* FROM few m WHERE (SELECT of_few FROM number) <= ").push_bind(MAX_SORTED);
    query.push(" UNION ALL SELECT m.* FROM ");
    push_starts(query, column, prefix);
    query.push(" CROSS JOIN LATERAL (SELECT ").push(KEYS).push(" FROM tenants m WHERE ");
    query.push(start_of(column)).push(" = s.start AND ");
    starts_with(query, column, prefix);
    selection.push_conditions(query);
    // The complete order of the index: because of the policies of the table, PostgreSQL does not use that the
    // first characters are equal.
    query.push(" ORDER BY ").push(start_of(column)).push(" USING ~<~, ").push(selection.order());
    query.push(" LIMIT ").push_bind(limit);
    query.push(") m WHERE (SELECT of_few FROM number) > ").push_bind(MAX_SORTED);
    query.push(") m ORDER BY ").push(selection.order()).push(" LIMIT ").push_bind(limit);
}

/// Appends the different first characters of the values that start with a text, as the rows `s (start)`. Each
/// row is found by one look-up in an index.
fn push_starts(query: &mut QueryBuilder<Postgres>, column: &str, prefix: &str) {
    let start = start_of(column);
    let of_prefix: String = prefix.chars().take(START_LENGTH).collect();
    let push_next = |query: &mut QueryBuilder<Postgres>, after: &str| {
        query.push("(SELECT ").push(&start).push(" FROM tenants m WHERE m.purged_at IS NULL AND ");
        starts_with(query, &start, &of_prefix);
        query.push(after).push(" ORDER BY ").push(&start).push(" USING ~<~ LIMIT 1)");
    };
    query.push("(WITH RECURSIVE found (start) AS (");
    push_next(query, "");
    query.push(" UNION ALL SELECT ");
    push_next(query, &format!(" AND {start} ~>~ found.start"));
    query.push(" FROM found WHERE start IS NOT NULL) SELECT start FROM found WHERE start IS NOT NULL) s");
}

/// The first characters of a column, as in the indexes in the order by name.
fn start_of(column: &str) -> String {
    format!("left({column}, {START_LENGTH})")
}

/// Appends a query for the tenants that have a member or an invitation with this address, with a leading `UNION`.
fn push_tenants_of_member(
    query: &mut QueryBuilder<Postgres>,
    address: String,
    selection: &Selection,
    limit: i64,
) {
    query.push(" UNION (SELECT ").push(KEYS).push(
        " FROM users u JOIN memberships ms ON ms.user_id = u.id JOIN tenants m ON m.id = ms.tenant_id
          WHERE u.email_canonical = ",
    );
    query.push_bind(address);
    selection.push_conditions(query);
    query.push(" ORDER BY ").push(selection.order()).push(" LIMIT ").push_bind(limit).push(")");
}

/// Appends a query for the row in which a unique column has a value, with a leading `UNION`.
fn push_equal<'q, T>(query: &mut QueryBuilder<Postgres>, column: &str, value: T, selection: &Selection)
where
    T: sqlx::Encode<'q, Postgres> + sqlx::Type<Postgres> + 'q,
{
    query.push(" UNION (SELECT ").push(KEYS).push(" FROM tenants m WHERE ");
    query.push(column).push(" = ").push_bind(value);
    selection.push_conditions(query);
    query.push(")");
}
