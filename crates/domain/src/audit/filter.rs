use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    list_filter::{FilterField, ListFilter},
};

const DAY_MS: i64 = 86_400_000;

/// The filters of the audit log, as in the query string of its page. An empty filter matches every entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(default)]
pub struct AuditFilter {
    /// The beginning of the name or slug of a tenant, or of the name of an employee; or a complete tenant code,
    /// e-mail address, request ID, or ID of an entry.
    #[cfg_attr(feature = "openapi", param(example = "golden"))]
    pub q: String,
    /// The ID of the employee, account or API key that made the change.
    #[cfg_attr(feature = "openapi", param(format = Uuid))]
    pub actor: String,
    /// The part of the platform that was changed.
    #[cfg_attr(feature = "openapi", param(inline, value_type = crate::audit::AuditArea, example = "settings"))]
    pub area: String,
    /// The action.
    #[cfg_attr(feature = "openapi", param(example = "tenant.suspended"))]
    pub action: String,
    /// The first day, in UTC.
    #[cfg_attr(feature = "openapi", param(format = Date, example = "2026-11-01"))]
    pub from: String,
    /// The last day, in UTC.
    #[cfg_attr(feature = "openapi", param(format = Date, example = "2026-11-30"))]
    pub to: String,
    /// The cursor of the page: the `next` of the previous page.
    #[cfg_attr(feature = "openapi", param(pattern = r"^([0-9]{1,17}\.[0-9]{1,19})?$"))]
    pub after: String,
}

impl ListFilter for AuditFilter {
    const PARAMETERS: &'static [(&'static str, FilterField<Self>)] = &[
        ("q", |filter| &mut filter.q),
        ("actor", |filter| &mut filter.actor),
        ("area", |filter| &mut filter.area),
        ("action", |filter| &mut filter.action),
        ("from", |filter| &mut filter.from),
        ("to", |filter| &mut filter.to),
        ("after", Self::after),
    ];

    fn after(&mut self) -> &mut String {
        &mut self.after
    }
}

impl AuditFilter {
    /// Whether any filter is set.
    pub fn is_filtered(&self) -> bool {
        [&self.q, &self.actor, &self.area, &self.action, &self.from, &self.to]
            .iter()
            .any(|text| !text.is_empty())
    }
}

/// Parses a day such as `2026-11-30`. Returns its beginning in UTC.
pub fn parse_date(text: &str) -> Option<Timestamp> {
    (text.len() == 10).then(|| Timestamp::parse(&format!("{text}T00:00:00Z")).ok()).flatten()
}

/// The times from the first to the last day, both included. An empty text is no limit. `None` if a text is not
/// a day.
pub fn date_range(from: &str, to: &str) -> Option<Range<Timestamp>> {
    let day = |text: &str, default: Timestamp| if text.is_empty() { Some(default) } else { parse_date(text) };
    let last = day(to, Timestamp(i64::MAX - DAY_MS))?;
    Some(day(from, Timestamp(0))?..Timestamp(last.0 + DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_includes_its_last_day() {
        let range = date_range("2026-11-01", "2026-11-01").unwrap();
        assert_eq!(range.end.0 - range.start.0, DAY_MS);
        assert!(date_range("", "").unwrap().contains(&Timestamp(1_800_000_000_000)));
        for (from, to) in [("2026-02-30", ""), ("", "yesterday"), ("2026-1-1", "")] {
            assert_eq!(date_range(from, to), None, "{from} {to}");
        }
    }
}
