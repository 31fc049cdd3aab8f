use std::fmt;

use domain::{ErrorCode, RequestStatus, history::HistoryFilter};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::SUMMARY;

/// The place of a row in the order of the history, as text for addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Microseconds since 1970, the database's resolution.
    pub created_us: i64,
    pub id: Uuid,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.created_us, self.id.simple())
    }
}

impl Cursor {
    pub fn parse(text: &str) -> Option<Self> {
        let (created_us, id) = text.split_once('.')?;
        Some(Self { created_us: created_us.parse().ok()?, id: Uuid::parse_str(id).ok()? })
    }
}

/// The query of one page with at most `limit` rows.
pub(super) fn page_query(filter: &HistoryFilter, limit: usize) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(SUMMARY);
    query.push(" WHERE ");
    match filter.q.trim() {
        "" => conditions(&mut query, filter),
        text => search(&mut query, text, filter, limit),
    }
    newest(&mut query, limit);
    query
}

/// Every filter but the search, and the page's place.
fn conditions(query: &mut QueryBuilder<Postgres>, filter: &HistoryFilter) {
    query.push("true");
    equals(query, "r.status", &filter.status, RequestStatus::from_text(&filter.status).map(RequestStatus::as_str));
    equals(query, "r.code", &filter.code, ErrorCode::from_text(&filter.code).map(ErrorCode::as_str));
    equals(query, "r.employee_id", &filter.admin, Uuid::parse_str(&filter.admin).ok());
    if let Ok(days @ 1..=366) = filter.days.parse::<i32>() {
        query.push(" AND r.created_at > now() - make_interval(days => ").push_bind(days).push(")");
    }
    if let Some(cursor) = Cursor::parse(&filter.after) {
        query
            .push(" AND (r.created_at, r.id) < ('epoch'::timestamptz + ")
            .push_bind(cursor.created_us)
            .push(" * interval '1 microsecond', ")
            .push_bind(cursor.id)
            .push(")");
    }
}

fn newest(query: &mut QueryBuilder<Postgres>, limit: usize) {
    query.push(" ORDER BY r.created_at DESC, r.id DESC LIMIT ").push_bind(limit as i64);
}

/// `column = value` for a filter that is set; nothing matches one that means nothing.
fn equals<T>(query: &mut QueryBuilder<Postgres>, column: &str, text: &str, value: Option<T>)
where
    T: for<'q> sqlx::Encode<'q, Postgres> + sqlx::Type<Postgres> + 'static,
{
    match value {
        Some(value) => {
            query.push(" AND ").push(column).push(" = ").push_bind(value);
        }
        None if !text.is_empty() => {
            query.push(" AND false");
        }
        None => {}
    }
}

/// Finds the start of a slug, name or e-mail, or a whole code, id or key, each by its own index.
/// The newest of all are among the newest of each.
fn search(query: &mut QueryBuilder<Postgres>, text: &str, filter: &HistoryFilter, limit: usize) {
    let text: String = text.chars().filter(|c| *c != '\0').take(254).collect();
    let lower = text.to_lowercase();
    query.push("r.id IN (");
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
    newest_where(query, filter, limit, |query| _ = query.push("r.tenant_code = ").push_bind(text.to_uppercase()));
    query.push(")");
}

/// The ids of the newest rows that meet a condition and the filters.
fn newest_where(
    query: &mut QueryBuilder<Postgres>,
    filter: &HistoryFilter,
    limit: usize,
    condition: impl FnOnce(&mut QueryBuilder<Postgres>),
) {
    query.push("(SELECT r.id FROM provisioning_requests r WHERE ");
    condition(query);
    query.push(" AND ");
    conditions(query, filter);
    newest(query, limit);
    query.push(")");
}

/// A prefix as a range of bytes, which an index in pattern order serves also when the prefix
/// is a parameter. No text in UTF-8 has a byte above the bound's.
fn starts_with(query: &mut QueryBuilder<Postgres>, column: &str, prefix: &str) {
    query.push(column).push(" ~>=~ ").push_bind(prefix.to_owned());
    query.push(" AND ").push(column).push(" ~<=~ ").push_bind(format!("{prefix}\u{10FFFF}"));
}
