use std::collections::HashSet;

use crate::import::{
    credential::{is_credential_name, is_reference, is_secret_text},
    yaml::{Entry, Node, Place, Value},
};

/// The secrets of a file, also those in repeated keys, in unknown fields and below a credential.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    pub places: Vec<Place>,
    /// The anchors of secrets. Their aliases are secrets under any name.
    anchors: HashSet<usize>,
}

impl Secrets {
    /// Finds the secrets of a file.
    pub(super) fn of(root: Option<&Node>) -> Self {
        let mut secrets = Self::default();
        if let Some(root) = root {
            // An anchor may stand before the credential that refers to it: the first pass finds the anchors of
            // secrets, the second one every place of these secrets.
            secrets.find(root, "", false);
            secrets.places.clear();
            secrets.find(root, "", false);
        }
        secrets
    }

    /// Whether a value with this name is or contains a literal secret.
    pub(super) fn is_in(&self, node: &Node, name: &str) -> bool {
        let mut below = Self { places: Vec::new(), anchors: self.anchors.clone() };
        below.find(node, name, false);
        !below.places.is_empty()
    }

    /// Finds the secrets of a value with this name. `is_below`: the value is below a credential.
    fn find(&mut self, node: &Node, name: &str, is_below: bool) {
        let is_secret = is_below || is_credential_name(name) || self.has_anchor(node);
        let is_literal = match &node.value {
            Value::Scalar { text, .. } => {
                !text.is_empty() && (is_secret && !is_reference(text) || is_secret_text(text))
            }
            Value::Sequence(items) => {
                items.iter().for_each(|item| self.find(item, "", is_secret));
                is_secret
            }
            Value::Mapping(entries) => {
                for entry in entries {
                    if self.is_secret_key(entry) {
                        self.places.push(entry.key_place);
                    }
                    self.find(&entry.value, &entry.key, is_secret);
                }
                is_secret
            }
        };
        if is_literal && matches!(node.value, Value::Scalar { .. }) {
            self.places.push(node.place);
        }
        if is_literal && node.anchor != 0 {
            self.anchors.insert(node.anchor);
        }
    }

    /// Whether a value is the alias or the anchor of a secret.
    pub(super) fn has_anchor(&self, node: &Node) -> bool {
        self.anchors.contains(&node.anchor)
    }

    /// Whether a key is itself a secret: by its text, or as the alias or the anchor of one.
    pub(super) fn is_secret_key(&self, entry: &Entry) -> bool {
        is_secret_text(&entry.key) || self.anchors.contains(&entry.key_anchor)
    }
}
