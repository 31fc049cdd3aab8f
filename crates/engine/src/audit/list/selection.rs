use std::ops::Range;

use domain::{
    FieldProblem, Timestamp,
    audit::{AuditArea, AuditFilter, audit_actions, date_range, parse_date},
};
use uuid::Uuid;

use crate::page::{invalid_cursor, invalid_parameter};

/// The end of the year 9999, in microseconds since 1970.
const MAX_TIME_US: i64 = 253_402_300_799_999_999;

/// Returns a problem for each filter that is set to an invalid value.
pub fn audit_filter_problems(filter: &AuditFilter) -> Vec<FieldProblem> {
    let areas: Vec<_> = AuditArea::ALL.iter().map(|area| area.as_str()).collect();
    let is_date = |text: &str| parse_date(text).is_some();
    let filters = [
        ("actor", &filter.actor, Uuid::parse_str(&filter.actor).is_ok(), "the ID of an actor".to_owned()),
        (
            "area",
            &filter.area,
            AuditArea::from_text(&filter.area).is_some(),
            format!("one of {}", areas.join(", ")),
        ),
        (
            "action",
            &filter.action,
            audit_actions().any(|action| action == filter.action),
            "an action, such as tenant.suspended".to_owned(),
        ),
        ("from", &filter.from, is_date(&filter.from), "a day, such as 2026-11-30".to_owned()),
        ("to", &filter.to, is_date(&filter.to), "a day, such as 2026-11-30".to_owned()),
    ];
    let invalid = filters.into_iter().filter(|(_, text, is_valid, _)| !text.is_empty() && !is_valid);
    let is_cursor_invalid = !filter.after.is_empty() && Position::parse(&filter.after).is_none();
    invalid
        .map(|(name, _, _, expected)| invalid_parameter(name, &expected))
        .chain(is_cursor_invalid.then(invalid_cursor))
        .collect()
}

/// The position of an entry in the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub at_us: i64,
    pub id: i64,
}

impl Position {
    fn parse(text: &str) -> Option<Self> {
        let (at_us, id) = text.split_once('.')?;
        let number =
            |text: &str, max: i64| text.parse().ok().filter(|number: &i64| (0..=max).contains(number));
        Some(Self { at_us: number(at_us, MAX_TIME_US)?, id: number(id, i64::MAX)? })
    }
}

/// The parsed filters, except the search.
#[derive(Debug)]
pub(super) struct Selection {
    pub actor: Option<Uuid>,
    /// The selected actions. `None` for all actions, also those that this version does not know.
    pub actions: Option<Vec<String>>,
    pub times: Range<Timestamp>,
    pub after: Option<Position>,
}

impl Selection {
    /// Parses the filters. Returns `None` if one is invalid.
    pub(super) fn parse(filter: &AuditFilter) -> Option<Self> {
        let actor = match filter.actor.as_str() {
            "" => None,
            text => Some(Uuid::parse_str(text).ok()?),
        };
        let mut actions = match filter.area.as_str() {
            "" => None,
            text => Some(actions_of(AuditArea::from_text(text)?)),
        };
        if !filter.action.is_empty() {
            let action = audit_actions().find(|action| *action == filter.action)?;
            let is_in_area =
                actions.as_ref().is_none_or(|actions| actions.iter().any(|other| other == action));
            actions = Some(is_in_area.then(|| action.to_owned()).into_iter().collect());
        }
        let after = match filter.after.as_str() {
            "" => None,
            text => Some(Position::parse(text)?),
        };
        Some(Self { actor, actions, times: date_range(&filter.from, &filter.to)?, after })
    }
}

fn actions_of(area: AuditArea) -> Vec<String> {
    let of_area = |action: &&str| AuditArea::of_action(action) == Some(area);
    audit_actions().filter(of_area).map(str::to_owned).collect()
}
