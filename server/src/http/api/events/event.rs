use std::hash::{DefaultHasher, Hash, Hasher};

use domain::{
    Role,
    history::{RequestDetail, is_terminal},
};

/// The state of a request at one moment, as a server-sent event.
#[derive(Debug)]
pub(crate) struct StateEvent {
    pub name: &'static str,
    pub data: String,
    /// A hash of name and data, equal in all processes of one version. After an upgrade a client may receive
    /// the same state again.
    pub id: String,
    /// Whether no other event will follow.
    pub is_last: bool,
}

impl StateEvent {
    /// Creates the event for a client with this role. Without a request, the event is `waiting`.
    pub(crate) fn new(found: Option<&RequestDetail>, role: Role) -> Option<Self> {
        let (name, data) = match found {
            Some(detail) => ("request", serde_json::to_string(&detail.clone().for_role(role)).ok()?),
            None => ("waiting", "{}".to_owned()),
        };
        let mut hasher = DefaultHasher::new();
        (name, &data).hash(&mut hasher);
        let id = format!("{:016x}", hasher.finish());
        let is_last = found.is_some_and(|detail| is_terminal(&detail.summary, &detail.steps));
        Some(Self { name, data, id, is_last })
    }
}
