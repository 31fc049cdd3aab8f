use super::{FieldProblem, InField};
use crate::{ErrorCode, Problem};

/// A parsed input, or the problems of all its fields. Kept together, so that a call can be authenticated
/// before its problems are reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<T> {
    /// The value. `None` if a field has no valid value.
    pub value: Option<T>,
    /// The problems of all fields.
    pub problems: Vec<FieldProblem>,
}

impl<T> Parsed<T> {
    /// The value of an input without problems.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` with the problems of all fields.
    pub fn into_result(self) -> Result<T, Problem> {
        match self.value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(Problem { errors: self.problems, ..ErrorCode::ValidationError.into() }),
        }
    }
}

/// Reads the texts of an input, and collects the problem of each invalid field.
pub(crate) struct TextFields<F> {
    text: F,
    problems: Vec<FieldProblem>,
}

impl<F: FnMut(&str) -> Option<String>> TextFields<F> {
    /// `text` returns the text of a field, or `None` if the field is missing.
    pub(crate) fn new(text: F) -> Self {
        Self { text, problems: Vec::new() }
    }

    /// Reads a field that needs a value. A missing text is parsed as an empty one.
    pub(crate) fn required<T, P: InField>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, P>,
    ) -> Option<T> {
        let text = (self.text)(name).unwrap_or_default();
        parse(&text).map_err(|problem| self.problems.push(problem.in_field(name))).ok()
    }

    /// Reads a field that may be missing or blank.
    pub(crate) fn optional<T, P: InField>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, P>,
    ) -> Option<T> {
        let text = (self.text)(name).filter(|text| !text.trim().is_empty())?;
        parse(&text).map_err(|problem| self.problems.push(problem.in_field(name))).ok()
    }

    pub(crate) fn finish<T>(self, value: Option<T>) -> Parsed<T> {
        Parsed { value, problems: self.problems }
    }
}
