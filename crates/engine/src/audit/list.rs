//! The list of the audit log, newest first. The query depends on the filters, so it is built at run time from
//! fixed parts. Every value is a bound parameter.
//!
//! An entry is found by its action, alone or with an actor or a subject, because each index orders the entries
//! of one action by time. A page merges the newest entries of each action, so that it reads few rows, however
//! rare the entries are that a filter selects.

mod query;
mod selection;
mod target;

use domain::{
    Timestamp,
    audit::{AuditFilter, AuditRecord, AuditSubject},
};
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

pub use self::selection::audit_filter_problems;
use self::{query::page_query, selection::Selection, target::find_targets};
use crate::{
    Engine, Error,
    page::{Limit, Page},
};

/// Returns one page of the audit log, newest first, with the cursor of the next page. Uses keyset pagination,
/// so that every page is as fast as the first. A filter that [`audit_filter_problems`] reports matches nothing.
///
/// # Errors
/// The database's error.
pub async fn list_audit_entries(
    engine: &Engine,
    filter: &AuditFilter,
    limit: Limit,
) -> Result<Page<AuditRecord, String>, Error> {
    let Some(selection) = Selection::parse(filter) else {
        return Ok(Page { rows: Vec::new(), next: None });
    };
    let targets = match filter.q.trim() {
        "" => None,
        text => Some(find_targets(engine, text).await?),
    };
    let mut query = page_query(&selection, targets.as_ref(), limit.rows_to_query());
    // Not a prepared statement: the best plan depends on the values.
    let rows = query.build_query_as::<Row>().persistent(false).fetch_all(&engine.pool()).await?;
    let page = Page::new(rows, limit, |row| format!("{}.{}", row.at_us, row.id));
    Ok(Page { rows: page.rows.into_iter().map(AuditRecord::from).collect(), next: page.next })
}

/// A row of the list.
#[derive(FromRow)]
struct Row {
    id: i64,
    at_us: i64,
    actor_id: Option<Uuid>,
    actor_name: String,
    client_address: Option<String>,
    action: String,
    subject_kind: String,
    subject_id: Option<Uuid>,
    subject_name: Option<String>,
    subject_code: Option<String>,
    request_id: Option<Uuid>,
    before: Option<Value>,
    after: Option<Value>,
    position: Option<i64>,
    chain_hash: Option<String>,
}

impl From<Row> for AuditRecord {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            at: Timestamp::from_microseconds(row.at_us),
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            client_address: row.client_address,
            action: row.action,
            subject: AuditSubject {
                kind: row.subject_kind,
                id: row.subject_id,
                name: row.subject_name,
                code: row.subject_code,
            },
            request_id: row.request_id,
            before: row.before,
            after: row.after,
            position: row.position,
            chain_hash: row.chain_hash,
        }
    }
}
