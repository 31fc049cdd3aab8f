//! The query string of the history and its export.

use domain::history::HistoryFilter;
use engine::{page::Limit, provisioning::filter_problems};

use super::{export_file::Format, list::refuse_if_invalid, query_parameters::QueryParameters};
use crate::http::error::ApiError;

const LIST_PARAMETERS: [&str; 7] = ["q", "status", "code", "admin", "days", "after", "limit"];
const EXPORT_PARAMETERS: [&str; 7] = ["q", "status", "code", "admin", "days", "after", "format"];

/// A parsed query string.
#[derive(Debug)]
pub(crate) struct HistoryQuery {
    pub filter: HistoryFilter,
    /// The maximum number of rows in a page.
    pub limit: Limit,
    /// The format of the export.
    pub format: Format,
}

impl HistoryQuery {
    /// Parses a query string. Only an export has the parameter `format`, and only the list the parameter
    /// `limit`.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` with every unknown, repeated or invalid parameter.
    pub(crate) fn parse(query: Option<&str>, is_export: bool) -> Result<Self, ApiError> {
        let allowed = if is_export { EXPORT_PARAMETERS } else { LIST_PARAMETERS };
        let mut parameters = QueryParameters::read(query, &allowed);
        let filter = HistoryFilter {
            q: parameters.take("q"),
            status: parameters.take("status"),
            code: parameters.take("code"),
            admin: parameters.take("admin"),
            days: parameters.take("days"),
            after: parameters.take("after"),
        };
        let limit = Limit::parse(&parameters.take("limit"));
        let format = Format::parse(&parameters.take("format"));
        let mut problems = parameters.problems;
        problems.extend(filter_problems(&filter));
        problems.extend(limit.as_ref().err().cloned());
        problems.extend(format.as_ref().err().filter(|_| is_export).cloned());
        refuse_if_invalid(problems)?;
        Ok(Self { filter, limit: limit.unwrap_or_default(), format: format.unwrap_or_default() })
    }
}
