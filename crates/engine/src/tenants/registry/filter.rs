use domain::{
    FieldProblem, TenantStatus,
    plan::Plan,
    registry::{TenantFilter, TenantSort},
};
use sqlx::{Postgres, QueryBuilder};

use super::cursor::Position;
use crate::page::{Cursor, invalid_cursor, invalid_parameter};

/// Returns a problem for each filter that is set to an invalid value.
pub fn tenant_filter_problems(filter: &TenantFilter) -> Vec<FieldProblem> {
    let problem =
        |name: &str, values: &[&str]| invalid_parameter(name, &format!("one of {}", values.join(", ")));
    let statuses: Vec<_> = TenantStatus::ALL.iter().map(|status| status.as_str()).collect();
    let sorts: Vec<_> = TenantSort::ALL.iter().map(|sort| sort.as_str()).collect();
    let sort = parse_sort(&filter.sort);
    // Without a valid order, no cursor can be checked.
    let is_cursor_invalid =
        !filter.after.is_empty() && sort.is_some_and(|sort| Position::parse(sort, &filter.after).is_none());
    [
        parse_statuses(&filter.status).is_none().then(|| problem("status", &statuses)),
        parse_plan(&filter.plan).is_none().then(|| invalid_parameter("plan", "the name of a plan")),
        sort.is_none().then(|| problem("sort", &sorts)),
        is_cursor_invalid.then(invalid_cursor),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn parse_sort(text: &str) -> Option<TenantSort> {
    if text.is_empty() { Some(TenantSort::Created) } else { TenantSort::from_text(text) }
}

fn parse_statuses(text: &str) -> Option<Vec<TenantStatus>> {
    match text {
        "" => Some(TenantStatus::ALL.to_vec()),
        text => TenantStatus::from_text(text).map(|status| vec![status]),
    }
}

/// The plan that is selected, or `Some(None)` for all plans.
fn parse_plan(text: &str) -> Option<Option<String>> {
    match text {
        "" => Some(None),
        text => Plan::is_name(text).then(|| Some(text.to_owned())),
    }
}

/// The parsed filters, except the search.
#[derive(Debug)]
pub(super) struct Selection {
    statuses: Vec<TenantStatus>,
    plan: Option<String>,
    pub(super) sort: TenantSort,
    pub(super) after: Option<Position>,
}

impl Selection {
    /// Parses the filters. Returns `None` if one is invalid.
    pub(super) fn parse(filter: &TenantFilter) -> Option<Self> {
        let sort = parse_sort(&filter.sort)?;
        let after = match filter.after.as_str() {
            "" => None,
            text => Some(Position::parse(sort, text)?),
        };
        Some(Self { statuses: parse_statuses(&filter.status)?, plan: parse_plan(&filter.plan)?, sort, after })
    }

    /// The sort key of the rows `m`.
    pub(super) fn order(&self) -> &'static str {
        match self.sort {
            TenantSort::Created => "m.created_at DESC, m.id DESC",
            TenantSort::Name => "lower(m.name) USING ~<~, m.id",
            TenantSort::Status => "m.status COLLATE \"C\", m.created_at DESC, m.id DESC",
        }
    }

    /// The order of rows `m` that have one status. An index supports this order.
    pub(super) fn order_within_status(&self) -> &'static str {
        match self.sort {
            TenantSort::Status => "m.created_at DESC, m.id DESC",
            TenantSort::Created | TenantSort::Name => self.order(),
        }
    }

    /// The statuses that can follow the cursor, in the order of [`TenantSort::Status`].
    pub(super) fn remaining_statuses(&self) -> Vec<String> {
        let follows = |status: &&TenantStatus| match &self.after {
            Some(Position::Status(last, _)) => status.as_str() >= last.as_str(),
            _ => true,
        };
        let mut statuses: Vec<_> = self.statuses.iter().filter(follows).map(ToString::to_string).collect();
        statuses.sort_unstable();
        statuses
    }

    /// Appends the plans of the tenants that have the status `s.status`, as the rows `p (plan)`. Without a
    /// filter, each row is found by one look-up in an index.
    pub(super) fn push_plans(&self, query: &mut QueryBuilder<Postgres>) {
        match &self.plan {
            Some(plan) => query.push("(SELECT ").push_bind(plan.clone()).push(" AS plan) p"),
            None => query.push(
                "LATERAL (WITH RECURSIVE found (plan) AS (
                     SELECT min(plan) FROM tenants WHERE status = s.status AND purged_at IS NULL
                     UNION ALL SELECT (SELECT min(plan) FROM tenants
                         WHERE status = s.status AND plan > found.plan AND purged_at IS NULL)
                     FROM found WHERE plan IS NOT NULL)
                 SELECT plan FROM found WHERE plan IS NOT NULL) p",
            ),
        };
    }

    /// Appends the conditions of the filters and of the cursor for the rows `m`, each with a leading `AND`.
    pub(super) fn push_conditions(&self, query: &mut QueryBuilder<Postgres>) {
        query.push(" AND m.purged_at IS NULL");
        if self.statuses.len() < TenantStatus::ALL.len() {
            query.push(" AND m.status = ANY (").push_bind(self.remaining_statuses()).push(")");
        }
        if let Some(plan) = &self.plan {
            query.push(" AND m.plan = ").push_bind(plan.clone());
        }
        match &self.after {
            Some(Position::Status(last, cursor)) => {
                query.push(" AND (m.status COLLATE \"C\" > ").push_bind(last.as_str());
                query.push(" OR m.status = ").push_bind(last.as_str()).push(" AND ");
                push_older(query, |query| push_time(query, *cursor), *cursor);
                query.push(")");
            }
            _ => self.push_position_within_status(query),
        }
    }

    /// Appends the condition of the cursor for rows `m` that have the status `s.status`, with a leading `AND`.
    pub(super) fn push_position_within_status(&self, query: &mut QueryBuilder<Postgres>) {
        match &self.after {
            None => {}
            Some(Position::Created(cursor)) => {
                query.push(" AND ");
                push_older(query, |query| push_time(query, *cursor), *cursor);
            }
            Some(Position::Name { name, id }) => {
                query.push(" AND lower(m.name) ~>=~ ").push_bind(name.clone());
                query.push(" AND (lower(m.name) ~>~ ").push_bind(name.clone());
                query.push(" OR m.id > ").push_bind(*id).push(")");
            }
            Some(Position::Status(last, cursor)) => {
                let push_bound = |query: &mut QueryBuilder<Postgres>| {
                    query.push("CASE s.status WHEN ").push_bind(last.as_str()).push(" THEN ");
                    push_time(query, *cursor);
                    query.push(" ELSE 'infinity' END");
                };
                query.push(" AND ");
                push_older(query, push_bound, *cursor);
            }
        }
    }
}

/// Appends a condition for the rows `m` that are older than a time, or that have this time and a lower ID.
fn push_older(
    query: &mut QueryBuilder<Postgres>,
    push_bound: impl FnOnce(&mut QueryBuilder<Postgres>),
    cursor: Cursor,
) {
    query.push("(m.created_at, m.id) < (");
    push_bound(query);
    query.push(", ").push_bind(cursor.id).push(")");
}

/// Appends the time of a cursor.
pub(super) fn push_time(query: &mut QueryBuilder<Postgres>, cursor: Cursor) {
    query.push("'epoch'::timestamptz + ").push_bind(cursor.created_us).push(" * interval '1 microsecond'");
}
