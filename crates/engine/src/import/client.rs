//! Reads a `client.yaml`: the draft of its tenant, the values that Tenantry keeps without using them, and the
//! problems of the file with their places.

mod fields;
mod reader;
mod secrets;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    field::FieldProblem,
    import::{ImportProblem, Severity},
    provisioning::{Draft, DraftField},
};
use secrecy::SecretString;
use serde_json::{Map, Value as Json};

pub(super) use self::fields::{COMMISSION, EXTERNAL_ID, FIELDS, path_of};
use self::{reader::TreeReader, secrets::Secrets};
use super::{
    excerpt::MaskedLines,
    nested::set,
    problems::Problems,
    source::SourceFile,
    yaml::{self, Node, Place, Value, YamlProblem},
};

/// The longest path of a field in a report, in characters.
const MAX_PATH: usize = 200;

/// A parsed `client.yaml`.
#[derive(Debug)]
pub(super) struct ClientFile {
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
    places: HashMap<String, Place>,
    lines: MaskedLines,
}

impl ClientFile {
    /// Reads a file. With `encrypt_secrets`, literal secrets are collected; otherwise they are problems.
    pub(super) fn read(file: &SourceFile, encrypt_secrets: bool) -> Self {
        let text = file.content.as_deref().unwrap_or_default();
        let mut client = Self {
            path: file.path.clone(),
            draft: Draft::default(),
            given: Vec::new(),
            values: Map::new(),
            secrets: BTreeMap::new(),
            problems: Problems::default(),
            places: HashMap::new(),
            lines: MaskedLines::of_unreadable(text),
        };
        if let Err(problem) = &file.content {
            let place = problem.line.map(|line| Place { line, column: 1, end_line: line, end_column: 1 });
            client.report(Severity::Error, place, "", problem.rule, &problem.message);
            return client;
        }
        match yaml::parse(text) {
            Ok(document) => {
                let secrets = Secrets::of(document.root.as_ref());
                client.lines = MaskedLines::new(text, &secrets.places);
                document.problems.iter().for_each(|problem| client.report_yaml(problem));
                client.read_root(document.root.as_ref(), &secrets, encrypt_secrets);
            }
            Err(problem) => client.report_yaml(&problem),
        }
        client
    }

    /// Whether a problem stops the import of the file.
    pub(super) fn has_error(&self) -> bool {
        self.problems.has_error()
    }

    /// Adds the problem of a field of the draft at the place of this field.
    pub(super) fn report_field(&mut self, problem: &FieldProblem) {
        let field = DraftField::ALL.iter().copied().find(|field| field.path() == problem.field);
        let path = field.map_or("client.name", path_of);
        let place = self.place_of(path);
        self.report(Severity::Error, place, path, &problem.rule, &problem.message);
    }

    /// Keeps a text for the export.
    pub(super) fn keep(&mut self, path: &str, text: &str) {
        set(&mut self.values, path, text.into());
    }

    /// Adds a warning about a field.
    pub(super) fn warn(&mut self, path: &str, rule: &str, message: &str) {
        let place = self.place_of(path);
        self.report(Severity::Warning, place, path, rule, message);
    }

    /// The place of a field, or of the nearest section above it.
    fn place_of(&self, path: &str) -> Option<Place> {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return Some(*place);
            }
            path = path.rsplit_once('.')?.0;
        }
    }

    fn report_yaml(&mut self, problem: &YamlProblem) {
        self.report(Severity::Error, Some(problem.place), "", problem.rule, &problem.message);
    }

    fn report(&mut self, severity: Severity, place: Option<Place>, field: &str, rule: &str, message: &str) {
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

    fn read_root(&mut self, root: Option<&Node>, secrets: &Secrets, encrypt_secrets: bool) {
        match root.map(|root| &root.value) {
            Some(Value::Mapping(entries)) => {
                TreeReader { client: self, secrets, encrypt_secrets, unknown: 0, references: HashSet::new() }
                    .section("", entries)
            }
            Some(_) if root.is_some_and(|root| !root.is_null()) => {
                let place = root.map(|root| root.place);
                let message =
                    "The file must contain the sections client, branding, email and infrastructure.";
                self.report(Severity::Error, place, "", "type", message);
            }
            _ => {
                let message = "The file is empty. Enter at least client.name.";
                self.report(Severity::Error, Some(Place::START), "", "empty", message);
            }
        }
    }
}

/// The path of a field in a report. A file can have keys of any length.
fn shown_path(path: &str) -> String {
    path.chars().take(MAX_PATH).collect()
}
