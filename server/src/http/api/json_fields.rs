use domain::{FieldProblem, field::Parsed, whole_number::whole_number};
use serde_json::{Map, Value};

use crate::http::error::ApiError;

/// The fields of a JSON object, and the problems found in them.
#[derive(Debug)]
pub(crate) struct JsonFields {
    fields: Map<String, Value>,
    problems: Vec<FieldProblem>,
}

impl JsonFields {
    /// Reads an object that may have the fields `allowed`.
    pub(crate) fn new(body: Value, allowed: &[&str]) -> Self {
        let list = allowed.join(", ");
        let Value::Object(fields) = body else {
            let message = format!("Send a JSON object. Its fields are: {list}.");
            return Self { fields: Map::new(), problems: vec![FieldProblem::new("", "type", &message)] };
        };
        let unknown = fields.keys().filter(|name| !allowed.contains(&name.as_str()));
        let message = format!("Unknown field. The fields are: {list}.");
        let problems = unknown.map(|name| FieldProblem::new(name, "unknown_field", &message)).collect();
        Self { fields, problems }
    }

    /// The text of a field. `None` if the field is missing, null or not a string.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.take(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// The number in a field. `None` if the field is missing, null, negative or not a whole number.
    pub(crate) fn number(&mut self, name: &str) -> Option<u64> {
        self.take(name, "a whole number", |value| value.as_number().and_then(whole_number))
    }

    /// The truth value of a field. `None` if the field is missing, null or of another type.
    pub(crate) fn boolean(&mut self, name: &str) -> Option<bool> {
        self.take(name, "true or false", Value::as_bool)
    }

    /// The texts in a field. `None` if the field is missing, null or not a list of strings.
    pub(crate) fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        self.take(name, "a list of strings", |value| value.as_array()?.iter().map(text).collect())
    }

    /// Takes a field that must have the type `expected`, or be null.
    fn take<T>(&mut self, name: &str, expected: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let value = self.fields.remove(name).filter(|value| !value.is_null())?;
        let found = read(&value);
        if found.is_none() {
            let message = format!("Send this field as {expected}.");
            self.problems.push(FieldProblem::new(name, "type", &message));
        }
        found
    }

    /// Returns the parsed value of a field, or adds its problem unless the field already has one.
    pub(crate) fn check<T>(&mut self, parsed: Result<T, FieldProblem>) -> Option<T> {
        parsed.map_err(|problem| self.refuse([problem])).ok()
    }

    /// Adds each problem whose field does not have a problem yet.
    pub(crate) fn refuse(&mut self, problems: impl IntoIterator<Item = FieldProblem>) {
        for problem in problems {
            if self.problems.iter().all(|other| other.field != problem.field) {
                self.problems.push(problem);
            }
        }
    }

    /// Whether a problem was found.
    pub(crate) fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    /// Ends the parsing. `values` is `None` if a field has no value.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` with the problems of all fields.
    pub(crate) fn finish<T>(self, values: Option<T>) -> Result<T, ApiError> {
        Ok(Parsed { value: values, problems: self.problems }.into_result()?)
    }

    /// Ends the parsing, and adds the problems that were found in the values.
    pub(crate) fn complete<T>(mut self, parsed: Parsed<T>) -> Parsed<T> {
        self.refuse(parsed.problems);
        Parsed { value: parsed.value, problems: self.problems }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_unknown_field_and_every_wrong_type_is_reported() {
        let mut fields = JsonFields::new(json!({ "a": 1, "b": "x", "c": null, "d": 2 }), &["a", "b", "c"]);
        assert_eq!((fields.text("a"), fields.number("b"), fields.text("c")), (None, None, None));
        let problem = fields.finish(Some(())).unwrap_err().problem;
        let rules: Vec<_> =
            problem.errors.iter().map(|error| (error.field.as_str(), error.rule.as_str())).collect();
        assert_eq!(rules, [("d", "unknown_field"), ("a", "type"), ("b", "type")]);

        assert!(JsonFields::new(json!([]), &["days"]).finish(Some(())).is_err());
    }
}
