use domain::{ErrorCode, FieldProblem, RequestStatus, history::HistoryFilter, normalization::nfc};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::summary::{COLUMNS, SOURCE};
use crate::page::{Cursor, Limit, invalid_cursor, invalid_parameter};

/// The maximum age that the history can be limited to, in days.
const MAX_DAYS: i32 = 366;

/// Returns a problem for each filter that is set to an invalid value.
pub fn filter_problems(filter: &HistoryFilter) -> Vec<FieldProblem> {
    let statuses: Vec<_> = RequestStatus::ALL.iter().map(|status| status.as_str()).collect();
    let filters = [
        (
            "status",
            &filter.status,
            RequestStatus::from_text(&filter.status).is_some(),
            format!("one of {}", statuses.join(", ")),
        ),
        (
            "code",
            &filter.code,
            ErrorCode::from_text(&filter.code).is_some(),
            "an error code, such as TIMEOUT".into(),
        ),
        ("admin", &filter.admin, Uuid::parse_str(&filter.admin).is_ok(), "the id of an employee".into()),
        ("days", &filter.days, parse_days(&filter.days).is_some(), format!("a number from 1 to {MAX_DAYS}")),
    ];
    let invalid = filters.into_iter().filter(|(_, text, is_valid, _)| !text.is_empty() && !is_valid);
    let is_cursor_invalid = !filter.after.is_empty() && Cursor::parse(&filter.after).is_none();
    invalid
        .map(|(name, _, _, expected)| invalid_parameter(name, &expected))
        .chain(is_cursor_invalid.then(invalid_cursor))
        .collect()
}

fn parse_days(text: &str) -> Option<i32> {
    text.parse().ok().filter(|days| (1..=MAX_DAYS).contains(days))
}

/// Builds the query of one page, and one row more. A subquery selects the ids: the indexes of the
/// filters include the sort key, so that PostgreSQL reads no other rows.
pub(super) fn page_query(filter: &HistoryFilter, limit: Limit) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(COLUMNS).push(" ").push(SOURCE).push(" WHERE r.id IN (");
    match filter.q.trim() {
        "" => newest_where(&mut query, filter, limit, |query| _ = query.push("true")),
        text => search(&mut query, text, filter, limit),
    }
    query.push(")");
    order_by_newest(&mut query, limit);
    query
}

/// Appends the conditions of all filters except the search, and of the cursor.
fn conditions(query: &mut QueryBuilder<Postgres>, filter: &HistoryFilter) {
    query.push("true");
    equals(
        query,
        "r.status",
        &filter.status,
        RequestStatus::from_text(&filter.status).map(RequestStatus::as_str),
    );
    equals(query, "r.code", &filter.code, ErrorCode::from_text(&filter.code).map(ErrorCode::as_str));
    equals(query, "r.employee_id", &filter.admin, Uuid::parse_str(&filter.admin).ok());
    match parse_days(&filter.days) {
        Some(days) => {
            query.push(" AND r.created_at > now() - make_interval(days => ").push_bind(days).push(")");
        }
        None => match_nothing_unless_empty(query, &filter.days),
    }
    match Cursor::parse(&filter.after) {
        Some(cursor) => {
            query
                .push(" AND (r.created_at, r.id) < ('epoch'::timestamptz + ")
                .push_bind(cursor.created_us)
                .push(" * interval '1 microsecond', ")
                .push_bind(cursor.id)
                .push(")");
        }
        None => match_nothing_unless_empty(query, &filter.after),
    }
}

/// Appends the order and the limit.
fn order_by_newest(query: &mut QueryBuilder<Postgres>, limit: Limit) {
    query.push(" ORDER BY r.created_at DESC, r.id DESC LIMIT ").push_bind(limit.rows_to_query());
}

/// Appends `column = value` for a filter that is set. An invalid filter matches nothing.
fn equals<T>(query: &mut QueryBuilder<Postgres>, column: &str, text: &str, value: Option<T>)
where
    T: for<'q> sqlx::Encode<'q, Postgres> + sqlx::Type<Postgres> + 'static,
{
    match value {
        Some(value) => {
            query.push(" AND ").push(column).push(" = ").push_bind(value);
        }
        None => match_nothing_unless_empty(query, text),
    }
}

fn match_nothing_unless_empty(query: &mut QueryBuilder<Postgres>, text: &str) {
    if !text.is_empty() {
        query.push(" AND false");
    }
}

/// Appends a search for the start of a slug, name or e-mail address, or for a complete code, id or key. Each
/// part of the `UNION` uses its own index and returns its newest rows. Together, these rows include the
/// newest matches. Stored names are in NFC.
fn search(query: &mut QueryBuilder<Postgres>, text: &str, filter: &HistoryFilter, limit: Limit) {
    let text: String = nfc(text).chars().filter(|c| *c != '\0').take(254).collect();
    let lower = text.to_lowercase();
    for column in ["r.slug", "lower(r.name)", "r.owner_email"] {
        newest_where(query, filter, limit, |query| starts_with(query, column, &lower));
        query.push(" UNION ");
    }
    if let Ok(id) = Uuid::parse_str(&lower) {
        for column in ["r.id = ", "r.idempotency_key = "] {
            newest_where(query, filter, limit, |query| _ = query.push(column).push_bind(id));
            query.push(" UNION ");
        }
    }
    newest_where(query, filter, limit, |query| {
        _ = query.push("r.tenant_code = ").push_bind(text.to_uppercase())
    });
}

/// Appends a query for the ids of the newest rows that match a condition and the filters.
fn newest_where(
    query: &mut QueryBuilder<Postgres>,
    filter: &HistoryFilter,
    limit: Limit,
    condition: impl FnOnce(&mut QueryBuilder<Postgres>),
) {
    query.push("(SELECT r.id FROM provisioning_requests r WHERE ");
    condition(query);
    query.push(" AND ");
    conditions(query, filter);
    order_by_newest(query, limit);
    query.push(")");
}

/// Appends a prefix search as a range of bytes. A `text_pattern_ops` index supports the range even if the
/// prefix is a parameter. The upper bound ends with the last code point of Unicode, so every text with the
/// prefix is in the range.
fn starts_with(query: &mut QueryBuilder<Postgres>, column: &str, prefix: &str) {
    query.push(column).push(" ~>=~ ").push_bind(prefix.to_owned());
    query.push(" AND ").push(column).push(" ~<=~ ").push_bind(format!("{prefix}\u{10FFFF}"));
}
