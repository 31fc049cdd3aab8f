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
    /// Finds the secrets of a value with this name. `is_below`: the value is below a credential.
    pub(super) fn find(&mut self, node: &Node, name: &str, is_below: bool) {
        let is_secret = is_below || is_credential_name(name);
        let is_literal = match &node.value {
            Value::Scalar { text, .. } => {
                !text.is_empty() && (is_secret && !is_reference(text) || is_secret_text(text))
            }
            Value::Sequence(items) => {
                items.iter().for_each(|item| self.find(item, "", is_secret));
                is_secret
            }
            Value::Mapping(entries) => {
                for Entry { key, key_place, value } in entries {
                    if is_secret_text(key) {
                        self.places.push(*key_place);
                    }
                    self.find(value, key, is_secret);
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
}
