//! Reads the tree of a file: the fields of the tenant, and the values that are kept.

use std::collections::HashSet;

use domain::{import::Severity, provisioning::DraftField};
use serde_json::{Map, Value as Json};

use super::{
    fields::{field_at, is_section},
    file::ClientFile,
    secrets::Secrets,
};
use crate::import::{
    credential::{has_reference, is_credential_name, is_reference, is_secret_text},
    nested::set,
    yaml::{Entry, MAX_DEPTH, Node, Place, Value, short},
};

/// The section whose values are kept as they are.
const INFRASTRUCTURE: &str = "infrastructure";
/// The fields whose value may be a reference, because they are free text.
const FREE_TEXTS: [DraftField; 5] = [
    DraftField::Name,
    DraftField::ShortName,
    DraftField::CompanyName,
    DraftField::EmailFromName,
    DraftField::Industry,
];
/// How many warnings about unknown fields a file has at most.
const MAX_UNKNOWN: usize = 20;
/// The longest name of a reference that is derived from a path.
const MAX_REFERENCE: usize = 120;

/// One pass over the tree of a file.
pub(super) struct TreeReader<'a> {
    pub client: &'a mut ClientFile,
    pub secrets: &'a Secrets,
    pub encrypt_secrets: bool,
    /// The number of unknown fields.
    pub unknown: usize,
    /// The references that stand for encrypted secrets.
    pub references: HashSet<String>,
}

impl TreeReader<'_> {
    /// Reads the entries of a section.
    pub(super) fn section(&mut self, path: &str, entries: &[Entry]) {
        let mut seen: HashSet<&str> = HashSet::new();
        for entry in entries {
            let Entry { key, key_place, value, .. } = entry;
            // A repeated key is already a problem; its first value counts.
            if !seen.insert(key) {
                continue;
            }
            if self.secrets.is_secret_key(entry) {
                self.refuse_secret_key(path, *key_place);
                continue;
            }
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let place = if matches!(value.value, Value::Scalar { .. }) && !value.is_null() {
                value.place
            } else {
                *key_place
            };
            self.client.places.insert(path.clone(), place);
            match (field_at(&path), &value.value) {
                (Some(field), _) => self.field(field, &path, value),
                (None, _) if path == INFRASTRUCTURE => {
                    if let Some(kept) = self.keep(&path, key, value, false) {
                        self.client.values.insert(path, kept);
                    }
                }
                (None, _) if is_section(&path) && value.is_null() => {}
                (None, Value::Mapping(entries)) if is_section(&path) => self.section(&path, entries),
                (None, _) if is_section(&path) => {
                    let message =
                        format!("{path} must contain fields, such as a line that ends with a colon.");
                    self.error(&path, "type", &message);
                }
                (None, _) => self.unknown(&path, key, value),
            }
        }
    }

    fn error(&mut self, path: &str, rule: &str, message: &str) {
        let place = self.client.place_of(path);
        self.client.report(Severity::Error, place, path, rule, message);
    }

    /// Reads the text of a field.
    fn field(&mut self, field: DraftField, path: &str, node: &Node) {
        let text = match &node.value {
            _ if node.is_null() => return,
            Value::Scalar { text, .. } => text,
            Value::Sequence(_) => {
                return self.error(
                    path,
                    "type",
                    "This field must be a string, but it is a list. Write one value.",
                );
            }
            Value::Mapping(_) => {
                return self.error(
                    path,
                    "type",
                    "This field must be a string, but it has fields of its own. Write one value.",
                );
            }
        };
        if is_secret_text(text) || self.secrets.has_anchor(node) {
            return self.refuse_secret(path);
        }
        if has_reference(text) && !FREE_TEXTS.contains(&field) {
            set(&mut self.client.values, path, text.as_str().into());
            let message =
                "The reference is kept for the export. The tenant has the default until you set a value.";
            return self.client.warn(path, "reference", message);
        }
        self.client.given.push(field);
        text.clone_into(self.client.draft.get_mut(field));
    }

    /// Keeps the credentials of a field that Tenantry does not know, and reports the rest.
    fn unknown(&mut self, path: &str, name: &str, node: &Node) {
        match &node.value {
            Value::Mapping(entries) if !is_credential_name(name) && !self.secrets.has_anchor(node) => {
                for entry in entries {
                    let Entry { key, key_place, value, .. } = entry;
                    if self.secrets.is_secret_key(entry) {
                        self.refuse_secret_key(path, *key_place);
                        continue;
                    }
                    let path = format!("{path}.{key}");
                    self.client.places.entry(path.clone()).or_insert(*key_place);
                    self.unknown(&path, key, value);
                }
            }
            Value::Scalar { text, .. }
                if is_credential_name(name) || is_secret_text(text) || self.secrets.has_anchor(node) =>
            {
                self.keep_at(path, name, node);
            }
            Value::Mapping(_) | Value::Sequence(_) if self.secrets.is_in(node, name) => {
                self.keep_at(path, name, node);
            }
            Value::Scalar { .. } | Value::Mapping(_) | Value::Sequence(_) => self.warn_unknown(path),
        }
    }

    /// Keeps the value of a field that Tenantry does not know. A key with dots is nested like a path.
    fn keep_at(&mut self, path: &str, name: &str, node: &Node) {
        if path.split('.').count() > MAX_DEPTH {
            let message = format!("The field has more than {MAX_DEPTH} levels. Use fewer dots.");
            return self.error(path, "too_deep", &message);
        }
        if let Some(kept) = self.keep(path, name, node, false) {
            set(&mut self.client.values, path, kept);
        }
    }

    fn warn_unknown(&mut self, path: &str) {
        self.unknown += 1;
        if self.unknown <= MAX_UNKNOWN {
            let message = format!("The field {} is not known and is not imported.", short(path));
            self.client.warn(path, "unknown_field", &message);
        }
    }

    /// Converts a value that is kept. A literal secret is replaced by a reference, or refused.
    fn keep(&mut self, path: &str, name: &str, node: &Node, is_below: bool) -> Option<Json> {
        let is_secret = is_below || is_credential_name(name) || self.secrets.has_anchor(node);
        match &node.value {
            _ if node.is_null() => Some(Json::Null),
            Value::Scalar { text, .. } => {
                if !(is_secret && !is_reference(text) || is_secret_text(text)) || text.is_empty() {
                    return Some(text.as_str().into());
                }
                self.client.places.insert(path.to_owned(), node.place);
                match self.encrypt_secrets {
                    true => {
                        self.client.secrets.insert(path.to_owned(), text.clone().into());
                        Some(self.new_reference(path).into())
                    }
                    false => {
                        self.refuse_secret(path);
                        None
                    }
                }
            }
            Value::Sequence(items) => {
                let keep = |(index, item)| self.keep(&format!("{path}.{index}"), "", item, is_secret);
                Some(Json::Array(items.iter().enumerate().filter_map(keep).collect()))
            }
            Value::Mapping(entries) => {
                let mut kept = Map::new();
                for entry in entries {
                    let Entry { key, key_place, value, .. } = entry;
                    if self.secrets.is_secret_key(entry) {
                        self.refuse_secret_key(path, *key_place);
                        continue;
                    }
                    let path = format!("{path}.{key}");
                    if !kept.contains_key(key)
                        && let Some(value) = self.keep(&path, key, value, is_secret)
                    {
                        kept.insert(key.clone(), value);
                    }
                }
                Some(Json::Object(kept))
            }
        }
    }

    /// The reference that stands for the encrypted secret at a path. Different paths, such as `smtp.key` and
    /// `smtp_key`, have different references.
    fn new_reference(&mut self, path: &str) -> String {
        let name = reference_name(path);
        let mut candidate = name.clone();
        let mut number = 1;
        while !self.references.insert(candidate.clone()) {
            number += 1;
            candidate = format!("{name}_{number}");
        }
        format!("${{{candidate}}}")
    }

    /// Refuses a key that is a secret. Neither the place nor the message contains it.
    fn refuse_secret_key(&mut self, path: &str, place: Place) {
        let message = "A key is a secret in plain text. Remove it. It is neither stored nor shown.";
        self.client.report(Severity::Error, Some(place), path, "literal_secret", message);
    }

    fn refuse_secret(&mut self, path: &str) {
        let message = format!(
            "{} is a secret in plain text. Replace it with a reference such as ${{{}}}, or import with encrypted secrets. \
             The value is neither stored nor shown.",
            short(path),
            reference_name(path)
        );
        self.error(path, "literal_secret", &message);
    }
}

/// The name of the reference that stands for an encrypted secret: `infrastructure.smtp.password` becomes
/// `INFRASTRUCTURE_SMTP_PASSWORD`.
fn reference_name(path: &str) -> String {
    path.chars()
        .take(MAX_REFERENCE)
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect()
}
