//! The filter of a list as the query string of a URL.

use domain::{
    audit::AuditFilter, history::HistoryFilter, list_filter::ListFilter, paths, registry::TenantFilter,
};
use leptos_router::params::ParamsMap;

/// A filter as a query string.
pub(super) trait QueryFilter: ListFilter {
    /// Parses the filter of a URL. The fields of missing parameters are empty.
    fn from_query(query: &ParamsMap) -> Self {
        Self::from_parameters(|name| query.get(name).unwrap_or_default())
    }

    /// The query string of the filter, without empty values. `format` is the format of an export.
    fn query_string(&self, format: Option<&str>) -> String {
        let mut filter = self.clone();
        let mut query = ParamsMap::new();
        for (name, field) in Self::PARAMETERS {
            let value = std::mem::take(field(&mut filter));
            if !value.is_empty() {
                query.insert(*name, value);
            }
        }
        if let Some(format) = format {
            query.insert("format", format.to_owned());
        }
        query.to_query_string()
    }
}

impl<F: ListFilter> QueryFilter for F {}

/// A filter that is a part of the URL of its list.
pub(super) trait UrlFilter: QueryFilter {
    /// The path of the list.
    const PATH: &'static str;

    /// The path of the list with this filter.
    fn path(&self) -> String {
        format!("{}{}", Self::PATH, self.query_string(None))
    }
}

impl UrlFilter for HistoryFilter {
    const PATH: &'static str = paths::HISTORY;
}

impl UrlFilter for TenantFilter {
    const PATH: &'static str = paths::TENANTS;
}

impl UrlFilter for AuditFilter {
    const PATH: &'static str = paths::AUDIT;
}
