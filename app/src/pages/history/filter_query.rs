//! The history's filter as the query string of a URL.

use domain::{history::HistoryFilter, paths};
use leptos_router::params::ParamsMap;

/// A member of the filter, to read or change it.
type Member = fn(&mut HistoryFilter) -> &mut String;

/// The name of each parameter, with the member that it sets.
const PARAMETERS: [(&str, Member); 6] = [
    ("q", |filter| &mut filter.q),
    ("status", |filter| &mut filter.status),
    ("code", |filter| &mut filter.code),
    ("admin", |filter| &mut filter.admin),
    ("days", |filter| &mut filter.days),
    ("after", |filter| &mut filter.after),
];

/// The filter of a URL. Missing parameters are empty.
pub(super) fn parse_filter(query: &ParamsMap) -> HistoryFilter {
    let mut filter = HistoryFilter::default();
    for (name, member) in PARAMETERS {
        *member(&mut filter) = query.get(name).unwrap_or_default();
    }
    filter
}

/// The path of the history with a filter.
pub(super) fn filtered_path(filter: &HistoryFilter) -> String {
    format!("{}{}", paths::HISTORY, query_string(filter, None))
}

/// The query string of a filter, without empty values, and with the format of an export.
pub(super) fn query_string(filter: &HistoryFilter, format: Option<&str>) -> String {
    let mut filter = filter.clone();
    let mut query = ParamsMap::new();
    for (name, member) in PARAMETERS {
        let value = std::mem::take(member(&mut filter));
        if !value.is_empty() {
            query.insert(name, value);
        }
    }
    if let Some(format) = format {
        query.insert("format", format.to_owned());
    }
    query.to_query_string()
}
