//! The progress of a request as server-sent events. The database is the source of truth. Change
//! notifications only make a stream query the database sooner.
//!
//! The ID of an event identifies the state that it contains. A client that reconnects, to any process, sends
//! the last ID in `Last-Event-ID` and receives the next event when the state has changed.

mod event;
mod follower;
mod subject;

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderName, StatusCode},
    response::{IntoResponse, Response, Sse, sse::KeepAlive},
};
use engine::access::Employee;
use futures_util::stream;
use serde::Deserialize;
use utoipa::IntoParams;

use self::{
    event::{EventFormat, StateEvent},
    follower::Follower,
    subject::Subject,
};
use super::{
    parameters::{IdPath, LastEventId, RequestKeyPath},
    query_parameters::invalid_query,
};
use crate::http::{authentication::SignedIn, error::ApiError, state::ServerState};

const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The query string of an event stream.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// The format of the data.
    #[serde(default)]
    #[param(inline)]
    format: EventFormat,
}

type EventsQueryResult = Result<Query<EventsQuery>, QueryRejection>;

/// Follow a provisioning request
///
/// A stream of server-sent events. Each `request` event contains the whole request, as `readRequest` returns
/// it. A stream ends after five minutes; then the client reconnects with the ID of the last event.
#[utoipa::path(
    get,
    path = "/provisioning-requests/{id}/events",
    operation_id = "followRequest",
    tag = "Requests",
    params(("id" = Uuid, Path, description = "The ID of the request."), EventsQuery, LastEventId),
    responses(
        (
            status = 200,
            description = "The events.",
            body = StateEvent,
            content_type = "text/event-stream",
            example = json!({ "event": "request", "id": "5b1c2d7e90a4f316", "data": "{…}" }),
        ),
        (status = 204, description = "The client has already received the last event."),
    ),
)]
pub(crate) async fn follow(
    State(server): State<ServerState>,
    SignedIn(employee): SignedIn,
    IdPath(id): IdPath,
    query: EventsQueryResult,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    respond(&server, &employee, Subject::Id(id), query, &headers).await
}

/// Follow the provisioning request with an idempotency key
///
/// While no request has the key, the event is `waiting`.
#[utoipa::path(
    get,
    path = "/provisioning-requests/by-key/{key}/events",
    operation_id = "followRequestByKey",
    tag = "Requests",
    params(RequestKeyPath, EventsQuery, LastEventId),
    responses(
        (
            status = 200,
            description = "The events.",
            body = StateEvent,
            content_type = "text/event-stream",
            example = json!({ "event": "waiting", "id": "09e4b6d2f17c8a35", "data": "{}" }),
        ),
        (status = 204, description = "The client has already received the last event."),
    ),
)]
pub(crate) async fn follow_by_key(
    State(server): State<ServerState>,
    SignedIn(employee): SignedIn,
    RequestKeyPath(key): RequestKeyPath,
    query: EventsQueryResult,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    respond(&server, &employee, Subject::Key(key), query, &headers).await
}

/// Responds with the stream, or with 204 if the client has already received the last event. Browsers do not
/// reconnect after a 204.
async fn respond(
    server: &ServerState,
    employee: &Employee,
    subject: Subject,
    query: EventsQueryResult,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let Query(EventsQuery { format }) = query.map_err(|_| invalid_query())?;
    let mut follower = Follower::new(server, employee, subject, format, headers).await?;
    if follower.has_received_last_event().await? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let events = stream::unfold(follower, async |mut follower| {
        let event = follower.next().await?;
        Some((Ok::<_, Infallible>(event), follower))
    });
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), "no");
    Ok(([unbuffered], Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))).into_response())
}
