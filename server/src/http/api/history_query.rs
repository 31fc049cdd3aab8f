//! The query string of the history and its export.

use domain::{ErrorCode, FieldProblem, Problem, history::HistoryFilter};
use engine::provisioning::filter_problems;

use crate::http::error::ApiError;

/// The maximum number of unknown or repeated parameters that are reported.
const MAX_PROBLEMS: usize = 20;
const PARAMETERS: [&str; 6] = ["q", "status", "code", "admin", "days", "after"];

/// A parsed query string.
#[derive(Debug)]
pub(crate) struct HistoryQuery {
    pub filter: HistoryFilter,
    /// The value of `format`; only for the export.
    pub format: String,
}

impl HistoryQuery {
    /// Parses a query string. Only an export has the parameter `format`.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` with every unknown, repeated or invalid parameter.
    pub(crate) fn parse(query: Option<&str>, is_export: bool) -> Result<Self, ApiError> {
        let mut parsed = Self { filter: HistoryFilter::default(), format: String::new() };
        let mut seen = Vec::new();
        let mut problems = Vec::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let is_repeated = seen.contains(&name);
            match parsed.field(&name, is_export) {
                Some(field) if !is_repeated => *field = value.into_owned(),
                Some(_) => problems.push(FieldProblem::new(&name, "repeated", "Send this parameter once.")),
                None if !is_repeated => problems.push(unknown_parameter(&name, is_export)),
                None => {}
            }
            if problems.len() >= MAX_PROBLEMS {
                break;
            }
            seen.push(name);
        }
        problems.extend(filter_problems(&parsed.filter));
        if is_export && !["csv", "json"].contains(&parsed.format.as_str()) {
            problems.push(FieldProblem::new(
                "format",
                "invalid",
                "Choose a format: format=csv or format=json.",
            ));
        }
        match problems.is_empty() {
            true => Ok(parsed),
            false => Err(Problem { errors: problems, ..ErrorCode::ValidationError.into() }.into()),
        }
    }

    fn field(&mut self, name: &str, is_export: bool) -> Option<&mut String> {
        match name {
            "q" => Some(&mut self.filter.q),
            "status" => Some(&mut self.filter.status),
            "code" => Some(&mut self.filter.code),
            "admin" => Some(&mut self.filter.admin),
            "days" => Some(&mut self.filter.days),
            "after" => Some(&mut self.filter.after),
            "format" if is_export => Some(&mut self.format),
            _ => None,
        }
    }
}

fn unknown_parameter(name: &str, is_export: bool) -> FieldProblem {
    let mut names = PARAMETERS.join(", ");
    if is_export {
        names.push_str(", format");
    }
    FieldProblem::new(name, "unknown_parameter", &format!("Unknown parameter. The parameters are: {names}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_in_an_error_message_exists() {
        for name in PARAMETERS {
            assert!(HistoryQuery::parse(Some(&format!("{name}=")), false).is_ok(), "{name}");
        }
    }
}
