use domain::{ErrorCode, FieldProblem, RequestStatus, history::HistoryFilter};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::page::{Cursor, invalid_cursor, invalid_parameter};

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
        ("admin", &filter.admin, Uuid::parse_str(&filter.admin).is_ok(), "the ID of an employee".into()),
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

/// Appends the conditions of all filters except the search, and of the cursor.
pub(super) fn conditions(query: &mut QueryBuilder<Postgres>, filter: &HistoryFilter) {
    query.push("true");
    equals(
        query,
        "r.status",
        &filter.status,
        RequestStatus::from_text(&filter.status).map(RequestStatus::as_str),
    );
    equals(query, "r.code", &filter.code, ErrorCode::from_text(&filter.code).map(ErrorCode::as_str));
    equals(query, "r.employee_id", &filter.admin, Uuid::parse_str(&filter.admin).ok());
    time_conditions(query, filter);
}

/// Appends the conditions of the age limit and of the cursor, each with a leading `AND`.
pub(super) fn time_conditions(query: &mut QueryBuilder<Postgres>, filter: &HistoryFilter) {
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
pub(super) fn order_by_newest(query: &mut QueryBuilder<Postgres>, limit: i64) {
    query.push(" ORDER BY r.created_at DESC, r.id DESC LIMIT ").push_bind(limit);
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

/// Whether a query needs a part for each status: the filters select an employee, but neither a status nor a
/// code. The index of the employees orders rows by time only within one status. A filter by code
/// needs no parts, because the index of the codes contains the employee.
pub(super) fn needs_part_for_each_status(filter: &HistoryFilter) -> bool {
    !filter.admin.is_empty() && filter.status.is_empty() && filter.code.is_empty()
}

/// Appends a query for the IDs of the newest rows that match the filters.
pub(super) fn newest_ids(query: &mut QueryBuilder<Postgres>, filter: &HistoryFilter, limit: i64) {
    if !needs_part_for_each_status(filter) {
        return newest_where(query, filter, limit, |query| _ = query.push("true"));
    }
    for (index, status) in RequestStatus::ALL.iter().enumerate() {
        query.push(if index == 0 { "" } else { " UNION ALL " });
        newest_where(query, filter, limit, |query| _ = query.push("r.status = ").push_bind(status.as_str()));
    }
}

/// Appends a query for the IDs of the newest rows that match a condition and the filters.
pub(super) fn newest_where(
    query: &mut QueryBuilder<Postgres>,
    filter: &HistoryFilter,
    limit: i64,
    condition: impl FnOnce(&mut QueryBuilder<Postgres>),
) {
    query.push("(SELECT r.id FROM provisioning_requests r WHERE ");
    condition(query);
    query.push(" AND ");
    conditions(query, filter);
    order_by_newest(query, limit);
    query.push(")");
}
