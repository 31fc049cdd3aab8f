//! Reads a `client.yaml`: the draft of its tenant, the values that Tenantry keeps without using them, and the
//! problems of the file with their places.

mod fields;
mod file;
mod reader;
mod secrets;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{import::Severity, provisioning::Draft};
use serde_json::Map;

pub(super) use self::{
    fields::{COMMISSION, EXTERNAL_ID, FIELDS, path_of},
    file::ClientFile,
};
use self::{reader::TreeReader, secrets::Secrets};
use super::{
    excerpt::MaskedLines,
    problems::Problems,
    source::SourceFile,
    yaml::{self, Node, Place, Value, YamlProblem},
};

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

    fn report_yaml(&mut self, problem: &YamlProblem) {
        self.report(Severity::Error, Some(problem.place), "", problem.rule, &problem.message);
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
