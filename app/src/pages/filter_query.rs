//! The filter of a list as the query string of a URL.

use leptos_router::params::ParamsMap;

/// Returns one field of a filter.
pub(super) type FieldAccessor<F> = fn(&mut F) -> &mut String;

/// A filter that is a part of the URL of its list.
pub(super) trait UrlFilter: Clone + Default + 'static {
    /// The path of the list.
    const PATH: &'static str;
    /// The name of each query parameter, with the field that it sets.
    const PARAMETERS: &'static [(&'static str, FieldAccessor<Self>)];

    /// Parses the filter of a URL. The fields of missing parameters are empty.
    fn from_query(query: &ParamsMap) -> Self {
        let mut filter = Self::default();
        for (name, field) in Self::PARAMETERS {
            *field(&mut filter) = query.get(name).unwrap_or_default();
        }
        filter
    }

    /// The path of the list with this filter.
    fn path(&self) -> String {
        format!("{}{}", Self::PATH, self.query_string(None))
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
