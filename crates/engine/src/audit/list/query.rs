use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::{selection::Selection, target::Targets};

/// The columns of an entry `e`, its subject and its position in the chain.
const COLUMNS: &str = "e.id, (extract(epoch FROM e.at) * 1000000)::bigint AS at_us, e.actor_id, e.actor_name,
    e.client_address, e.action, e.subject_kind, e.subject_id, coalesce(t.name, m.name, u.name, p.pseudonym) AS subject_name,
    t.code AS subject_code, e.request_id, e.before, e.after, c.position, encode(c.chain_hash, 'hex') AS chain_hash";
const SOURCE: &str = "FROM audit_log e
    LEFT JOIN tenants t ON e.subject_kind = 'tenant' AND t.id = e.subject_id
    LEFT JOIN employees m ON e.subject_kind = 'employee' AND m.id = e.subject_id
    LEFT JOIN users u ON e.subject_kind = 'account' AND u.id = e.subject_id
    LEFT JOIN person_erasures p ON e.subject_kind = 'person' AND p.id = e.subject_id
    LEFT JOIN audit_chain c ON c.entry_id = e.id";
/// The actions that exist, as the rows `a (action)`. Each is found by one look-up in an index.
const EXISTING_ACTIONS: &str = "found (action) AS (
    SELECT min(action) FROM audit_log
    UNION ALL SELECT (SELECT min(action) FROM audit_log WHERE action > found.action)
    FROM found WHERE action IS NOT NULL), a AS (SELECT action FROM found WHERE action IS NOT NULL)";
const NEWEST_FIRST: &str = " ORDER BY e.at DESC, e.id DESC LIMIT ";

/// Builds the query of one page with at most `limit` rows. A subquery selects the IDs.
pub(super) fn page_query(
    selection: &Selection,
    targets: Option<&Targets>,
    limit: i64,
) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("WITH RECURSIVE ");
    match &selection.actions {
        None => query.push(EXISTING_ACTIONS),
        Some(actions) => query
            .push("a AS (SELECT action FROM unnest(")
            .push_bind(actions.clone())
            .push("::text[]) action)"),
    };
    query
        .push(" SELECT ")
        .push(COLUMNS)
        .push(" ")
        .push(SOURCE)
        .push(" WHERE e.id IN (SELECT found.id FROM (");
    match targets {
        None => push_newest(&mut query, selection, limit, "a", ""),
        Some(targets) => push_targets(&mut query, selection, targets, limit),
    }
    // Few IDs, so that PostgreSQL looks up their rows instead of reading the whole table.
    query.push(") found ORDER BY found.at DESC, found.id DESC LIMIT ").push_bind(limit);
    query.push(")").push(NEWEST_FIRST).push_bind(limit);
    query
}

/// Appends a query for the IDs and times of the newest entries that concern the targets.
fn push_targets(query: &mut QueryBuilder<Postgres>, selection: &Selection, targets: &Targets, limit: i64) {
    for (column, ids) in [("subject_id", &targets.subjects), ("actor_id", &targets.actors)] {
        query.push("(WITH s AS (SELECT id FROM unnest(").push_bind::<Vec<Uuid>>(ids.clone());
        query.push("::uuid[]) id) ");
        push_newest(query, selection, limit, "s CROSS JOIN a", &format!("e.{column} = s.id AND "));
        query.push(") UNION ");
    }
    query.push("(SELECT e.id, e.at FROM audit_log e WHERE e.request_id = ").push_bind(targets.request);
    query.push(" AND e.action IN (SELECT action FROM a)");
    push_conditions(query, selection);
    query
        .push(NEWEST_FIRST)
        .push_bind(limit)
        .push(") UNION (SELECT e.id, e.at FROM audit_log e WHERE e.id = ");
    query.push_bind(targets.entry).push(" AND e.action IN (SELECT action FROM a)");
    push_conditions(query, selection);
    query.push(")");
}

/// Appends a query for the IDs and times of the newest entries of each row of `source`, which has a column `a.action`.
fn push_newest(
    query: &mut QueryBuilder<Postgres>,
    selection: &Selection,
    limit: i64,
    source: &str,
    condition: &str,
) {
    query.push("SELECT n.id, n.at FROM ").push(source);
    query.push(" CROSS JOIN LATERAL (SELECT e.id, e.at FROM audit_log e WHERE ").push(condition);
    query.push("e.action = a.action");
    push_conditions(query, selection);
    query.push(NEWEST_FIRST).push_bind(limit).push(") n");
}

/// Appends the conditions of the actor, the dates and the cursor, each with a leading `AND`.
fn push_conditions(query: &mut QueryBuilder<Postgres>, selection: &Selection) {
    if let Some(actor) = selection.actor {
        query.push(" AND e.actor_id = ").push_bind(actor);
    }
    let mut push_time = |operator: &str, us: i64| {
        query.push(" AND e.at ").push(operator).push(" 'epoch'::timestamptz + ");
        query.push_bind(us).push(" * interval '1 microsecond'");
    };
    if selection.times.start.0 > 0 {
        push_time(">=", selection.times.start.0 * 1000);
    }
    if let Some(end) = selection.times.end.0.checked_mul(1000) {
        push_time("<", end);
    }
    if let Some(after) = selection.after {
        query.push(" AND (e.at, e.id) < ('epoch'::timestamptz + ").push_bind(after.at_us);
        query.push(" * interval '1 microsecond', ").push_bind(after.id).push(")");
    }
}
