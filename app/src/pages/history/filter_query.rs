//! The history's filter as the query string of a URL.

use domain::{history::HistoryFilter, paths};
use leptos_router::params::ParamsMap;

/// Returns one field of the filter.
type FieldAccessor = fn(&mut HistoryFilter) -> &mut String;

/// The name of each query parameter, with the field that it sets.
const PARAMETERS: [(&str, FieldAccessor); 6] = [
    ("q", |filter| &mut filter.q),
    ("status", |filter| &mut filter.status),
    ("code", |filter| &mut filter.code),
    ("admin", |filter| &mut filter.admin),
    ("days", |filter| &mut filter.days),
    ("after", |filter| &mut filter.after),
];

/// Parses the filter of a URL. The fields of missing parameters are empty.
pub(super) fn parse_filter(query: &ParamsMap) -> HistoryFilter {
    let mut filter = HistoryFilter::default();
    for (name, field) in PARAMETERS {
        *field(&mut filter) = query.get(name).unwrap_or_default();
    }
    filter
}

/// The path of the history with a filter.
pub(super) fn filtered_path(filter: &HistoryFilter) -> String {
    format!("{}{}", paths::HISTORY, query_string(filter, None))
}

/// The query string of a filter, without empty values. `format` is the format of an export.
pub(super) fn query_string(filter: &HistoryFilter, format: Option<&str>) -> String {
    let mut filter = filter.clone();
    let mut query = ParamsMap::new();
    for (name, field) in PARAMETERS {
        let value = std::mem::take(field(&mut filter));
        if !value.is_empty() {
            query.insert(name, value);
        }
    }
    if let Some(format) = format {
        query.insert("format", format.to_owned());
    }
    query.to_query_string()
}
