use serde::{Deserialize, Serialize};

use crate::list_filter::{FilterField, ListFilter};

/// The filters of the report of an import, as in the query string of its page. An empty filter matches every file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(default)]
pub struct ImportFilter {
    /// A part of a path, of the name, slug or code of a tenant, or of a field or message of a problem.
    #[cfg_attr(feature = "openapi", param(example = "golden"))]
    pub q: String,
    /// What happens with the files.
    #[cfg_attr(feature = "openapi", param(value_type = super::ImportAction, inline))]
    pub action: String,
    /// The cursor of the page: the `next` of the previous page.
    pub after: String,
}

impl ListFilter for ImportFilter {
    const PARAMETERS: &'static [(&'static str, FilterField<Self>)] =
        &[("q", |filter| &mut filter.q), ("action", |filter| &mut filter.action), ("after", Self::after)];

    fn after(&mut self) -> &mut String {
        &mut self.after
    }
}
