use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use axum::response::sse;
use domain::{
    Role,
    history::{RequestDetail, is_terminal},
};
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use crate::console;

/// The format of the data of an event.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EventFormat {
    /// The format of the API.
    #[default]
    #[serde(alias = "")]
    Api,
    /// The format of the console's pages, which may change with each version.
    Page,
}

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
        let json = detail.as_ref().map_or_else(|| "{}".to_owned(), to_json);
        let mut hasher = DefaultHasher::new();
        (detail.is_some(), &json).hash(&mut hasher);
        Self { detail, json, id: format!("{:016x}", hasher.finish()) }
    }

    /// Whether no other event will follow.
    pub(crate) fn is_last(&self) -> bool {
        self.detail.as_ref().is_some_and(|detail| is_terminal(&detail.summary, &detail.steps))
    }

    /// The event to send. `age` is the time since the state was read.
    pub(crate) fn into_sse(self, format: EventFormat, age: Duration) -> sse::Event {
        let (name, data) = match (self.detail, format) {
            (None, _) => ("waiting", self.json),
            (Some(_), EventFormat::Api) => ("request", self.json),
            (Some(detail), EventFormat::Page) => ("request", to_json(&console::record(detail, age))),
        };
        sse::Event::default().event(name).id(self.id).data(data)
    }
}

/// The fields of an event in the stream.
impl PartialSchema for StateEvent {
    fn schema() -> RefOr<Schema> {
        let text =
            |description: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(description));
        let kind = text("`waiting` while no request has the key.").enum_values(Some(["request", "waiting"]));
        let data = text("The request as `readRequest` returns it, or an empty object while it is awaited.");
        ObjectBuilder::new()
            .description(Some("One event of a stream."))
            .property("event", kind)
            .required("event")
            .property("id", text("Identifies the state of the request, for `Last-Event-ID`."))
            .required("id")
            .property("data", data.content_media_type("application/json"))
            .required("data")
            .into()
    }
}

impl ToSchema for StateEvent {}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
