use std::hash::{DefaultHasher, Hash, Hasher};

use axum::response::sse;
use domain::{
    Role,
    history::{RequestDetail, is_terminal},
};

/// The state of a request at one moment, as a server-sent event.
#[derive(Debug)]
pub(crate) struct StateEvent {
    /// The request without the fields that the client must not see. `None` while no request has the key.
    detail: Option<RequestDetail>,
    json: String,
    /// A hash of the state, equal in all processes of one version. After an upgrade a client may receive the
    /// same state again.
    pub id: String,
}

impl StateEvent {
    /// Creates the event for a client with this role. Without a request, the event is `waiting`.
    pub(crate) fn new(found: Option<&RequestDetail>, role: Role) -> Self {
        let detail = found.map(|detail| detail.clone().for_role(role));
        let json = detail
            .as_ref()
            .map_or_else(|| "{}".to_owned(), |detail| serde_json::to_string(detail).unwrap_or_default());
        let mut hasher = DefaultHasher::new();
        (detail.is_some(), &json).hash(&mut hasher);
        Self { detail, json, id: format!("{:016x}", hasher.finish()) }
    }

    /// Whether no other event will follow.
    pub(crate) fn is_last(&self) -> bool {
        self.detail.as_ref().is_some_and(|detail| is_terminal(&detail.summary, &detail.steps))
    }

    /// The event to send.
    pub(crate) fn into_sse(self) -> sse::Event {
        let name = if self.detail.is_some() { "request" } else { "waiting" };
        sse::Event::default().event(name).id(self.id).data(self.json)
    }
}
