use std::collections::{BTreeMap, HashMap};

use domain::{
    field::FieldProblem,
    import::{ImportProblem, Severity},
    provisioning::{Draft, DraftField},
};
use secrecy::SecretString;
use serde_json::{Map, Value as Json};

use super::fields::path_of;
use crate::import::{excerpt::MaskedLines, nested::set, problems::Problems, yaml::Place};

/// The longest path of a field in a report, in characters.
const MAX_PATH: usize = 200;

/// A parsed `client.yaml`.
#[derive(Debug)]
pub(in crate::import) struct ClientFile {
    pub path: String,
    /// The fields of the tenant, without a slug unless the file has one.
    pub draft: Draft,
    /// The fields that the file has.
    pub given: Vec<DraftField>,
    /// The values that are kept: the infrastructure, references in fields that do not allow them, and
    /// credentials as references. Nested as in the file.
    pub values: Map<String, Json>,
    /// The literal secrets to encrypt, by their paths.
    pub secrets: BTreeMap<String, SecretString>,
    pub problems: Problems,
    pub(super) places: HashMap<String, Place>,
    pub(super) lines: MaskedLines,
}

impl ClientFile {
    /// Whether a problem stops the import of the file.
    pub(in crate::import) fn has_error(&self) -> bool {
        self.problems.has_error()
    }

    /// Adds the problem of a field of the draft at the place of this field.
    pub(in crate::import) fn report_field(&mut self, problem: &FieldProblem) {
        let field = DraftField::ALL.iter().copied().find(|field| field.path() == problem.field);
        let path = field.map_or("client.name", path_of);
        let place = self.place_of(path);
        self.report(Severity::Error, place, path, &problem.rule, &problem.message);
    }

    /// Keeps a text for the export.
    pub(in crate::import) fn keep(&mut self, path: &str, text: &str) {
        set(&mut self.values, path, text.into());
    }

    /// Adds a warning about a field.
    pub(in crate::import) fn warn(&mut self, path: &str, rule: &str, message: &str) {
        let place = self.place_of(path);
        self.report(Severity::Warning, place, path, rule, message);
    }

    /// The place of a field, or of the nearest section above it.
    pub(super) fn place_of(&self, path: &str) -> Option<Place> {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return Some(*place);
            }
            path = path.rsplit_once('.')?.0;
        }
    }

    /// Adds a problem with the lines around its place.
    pub(super) fn report(
        &mut self,
        severity: Severity,
        place: Option<Place>,
        field: &str,
        rule: &str,
        message: &str,
    ) {
        let number = |number: usize| u32::try_from(number).ok();
        self.problems.push(ImportProblem {
            severity,
            file: self.path.clone(),
            line: place.and_then(|place| number(place.line)),
            column: place.and_then(|place| number(place.column)),
            field: shown_path(field),
            rule: rule.to_owned(),
            message: message.to_owned(),
            excerpt: place.map(|place| self.lines.around(place)).unwrap_or_default(),
        });
    }
}

/// The path of a field in a report. A file can have keys of any length.
fn shown_path(path: &str) -> String {
    path.chars().take(MAX_PATH).collect()
}
