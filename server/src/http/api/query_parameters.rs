//! Query strings: unknown and repeated parameters are refused.

use domain::{ErrorCode, FieldProblem, Problem};

use crate::http::error::ApiError;

/// The maximum number of unknown or repeated parameters that are reported.
const MAX_PROBLEMS: usize = 20;

/// The parameters of a query string.
#[derive(Debug, Default)]
pub(crate) struct QueryParameters {
    values: Vec<(String, String)>,
    /// A problem for each unknown or repeated parameter.
    pub problems: Vec<FieldProblem>,
}

impl QueryParameters {
    /// Reads a query string that may have the parameters `allowed`.
    pub(crate) fn read(query: Option<&str>, allowed: &[&str]) -> Self {
        let mut parameters = Self::default();
        let mut unknown = Vec::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if parameters.problems.len() >= MAX_PROBLEMS {
                break;
            }
            if !allowed.contains(&name.as_ref()) {
                if !unknown.contains(&name) {
                    parameters.problems.push(unknown_parameter(&name, allowed));
                    unknown.push(name);
                }
            } else if parameters.values.iter().any(|(other, _)| *other == name) {
                let problem = FieldProblem::new(&name, "repeated", "Send this parameter once.");
                parameters.problems.push(problem);
            } else {
                parameters.values.push((name.into_owned(), value.into_owned()));
            }
        }
        parameters
    }

    /// Takes the value of a parameter. Empty if the parameter is missing.
    pub(crate) fn take(&mut self, name: &str) -> String {
        let found = self.values.iter_mut().find(|(other, _)| other == name);
        found.map(|(_, value)| std::mem::take(value)).unwrap_or_default()
    }
}

fn unknown_parameter(name: &str, allowed: &[&str]) -> FieldProblem {
    let message = format!("Unknown parameter. The parameters are: {}.", allowed.join(", "));
    FieldProblem::new(name, "unknown_parameter", &message)
}

/// The error for a query string that cannot be parsed.
pub(crate) fn invalid_query() -> ApiError {
    ApiError::from_field(FieldProblem::new(
        "",
        "query",
        "The query string could not be parsed. Send each parameter once.",
    ))
}

/// Refuses a query string with problems.
///
/// # Errors
/// `VALIDATION_ERROR` with the problems, if there are any.
pub(crate) fn refuse_if_invalid(problems: Vec<FieldProblem>) -> Result<(), ApiError> {
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Problem { errors: problems, ..ErrorCode::ValidationError.into() }.into()),
    }
}
