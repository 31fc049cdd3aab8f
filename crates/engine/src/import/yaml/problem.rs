//! The problems in the structure of a file.

use super::tree::Place;

/// A problem in the structure of a file. Its message contains no text of the file except keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::import) struct YamlProblem {
    pub place: Place,
    pub rule: &'static str,
    pub message: String,
}

/// Creates a problem.
pub(super) fn problem(place: Place, rule: &'static str, message: impl Into<String>) -> YamlProblem {
    YamlProblem { place, rule, message: message.into() }
}
