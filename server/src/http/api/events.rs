//! The progress of a request as server-sent events. The database is the source of truth. Change
//! notifications only make a stream query the database sooner.
//!
//! The ID of an event identifies the state that it contains. A client that reconnects, to any process, sends
//! the last ID in `Last-Event-ID` and receives the next event when the state has changed.

mod event;

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderName, StatusCode},
    response::{
        IntoResponse, Response, Sse,
        sse::{self, KeepAlive},
    },
};
use domain::{ErrorCode, Role, history::RequestDetail, paths::RequestKind};
use engine::{
    Engine, Error,
    access::{Employee, EventStreamPermit},
    provisioning::{find_request, find_request_by_key},
};
use futures_util::stream;
use serde::Deserialize;
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        watch,
    },
    time::Instant,
};
use utoipa::IntoParams;
use uuid::Uuid;

use self::event::{EventFormat, StateEvent};
use super::{
    parameters::LastEventId,
    requests::{invalid_query, parse_id, parse_path_key},
};
use crate::http::{
    authentication::SignedIn,
    credential::Credential,
    error::ApiError,
    state::ServerState,
    streams::{Reading, SharedReading, Streams},
};

/// How often the database is queried without a notification.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The minimum time between queries while notifications of other requests arrive.
const MIN_INTERVAL: Duration = Duration::from_millis(100);
/// How long a follower waits after a change, so that all followers of the request share the next reading.
const GATHER_TIME: Duration = Duration::from_millis(50);
/// How old the role of the client may be. The role is also read before each event.
const MAX_ROLE_AGE: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The maximum duration of a stream. A client reconnects.
const MAX_DURATION: Duration = Duration::from_secs(300);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// The format of the data.
    #[serde(default)]
    #[param(inline)]
    format: EventFormat,
}

/// The query string of an event stream.
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
    id: Result<Path<String>, PathRejection>,
    query: EventsQueryResult,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let subject = Subject::Id(parse_id(id)?);
    Follower::new(&server, &employee, subject, query, &headers).await?.respond().await
}

/// Follow the provisioning request with an idempotency key
///
/// While no request has the key, the event is `waiting`.
#[utoipa::path(
    get,
    path = "/provisioning-requests/by-key/{key}/events",
    operation_id = "followRequestByKey",
    tag = "Requests",
    params(
        (
            "key" = Uuid, Path, example = "6b1f6d2e-6d0c-4f4e-9d55-0c2f3a8b7e10",
            description = "The idempotency key of the request.",
        ),
        EventsQuery,
        LastEventId,
    ),
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
    key: Result<Path<String>, PathRejection>,
    query: EventsQueryResult,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let subject = Subject::Key(parse_path_key(key)?);
    Follower::new(&server, &employee, subject, query, &headers).await?.respond().await
}

/// The request that a stream follows.
#[derive(Debug, Clone, Copy)]
enum Subject {
    Id(Uuid),
    Key(Uuid),
}

struct Follower {
    engine: Engine,
    streams: Streams,
    subject: Subject,
    format: EventFormat,
    credential: Credential,
    /// The role of the client, and when it was read.
    role: Role,
    role_read_at: Instant,
    /// The readings of the client's employee and, once its ID is known, of the request.
    shared_employee: Arc<SharedReading<Option<Employee>>>,
    shared_request: Option<Arc<SharedReading<Option<Arc<RequestDetail>>>>>,
    /// The next reading must have begun after this time.
    after: Instant,
    /// When the database is queried without a notification.
    next_poll: Instant,
    changes: broadcast::Receiver<Uuid>,
    stopping: watch::Receiver<bool>,
    end: Instant,
    /// The ID of the last event that the client received.
    last_id: String,
    is_finished: bool,
    _permit: EventStreamPermit,
}

impl Follower {
    async fn new(
        server: &ServerState,
        employee: &Employee,
        subject: Subject,
        query: EventsQueryResult,
        headers: &HeaderMap,
    ) -> Result<Self, ApiError> {
        let Query(EventsQuery { format }) = query.map_err(|_| invalid_query())?;
        let credential = Credential::read(headers, server.is_https).ok_or(ErrorCode::Unauthenticated)?;
        let last_id = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
        let permit = server.streams.admit(&server.console.engine, employee.id).await?;
        // Subscribes before the first query, so that no change is missed.
        let (changes, now) = (server.console.engine.changes(), Instant::now());
        Ok(Self {
            engine: server.console.engine.clone(),
            streams: server.streams.clone(),
            subject,
            format,
            shared_employee: server.streams.employee(&credential),
            credential,
            role: employee.role,
            role_read_at: now,
            shared_request: None,
            after: now,
            next_poll: now,
            changes,
            stopping: server.stopping.clone(),
            end: now + MAX_DURATION,
            last_id: last_id.to_owned(),
            is_finished: false,
            _permit: permit,
        })
    }

    /// Responds with the stream, or with 204 if the client has already received the last event. Browsers do
    /// not reconnect after a 204.
    async fn respond(mut self) -> Result<Response, ApiError> {
        match self.read().await.result {
            Ok(found) => {
                let event = StateEvent::new(found.as_deref(), self.role);
                if event.is_last() && event.id == self.last_id {
                    return Ok(StatusCode::NO_CONTENT.into_response());
                }
            }
            // The stream starts without an event, and queries the request again.
            Err(error) if error.problem().code.is_retryable() => {}
            Err(error) => return Err(error.report().into()),
        }
        let events = stream::unfold(self, async |mut follower| {
            let event = follower.next().await?;
            Some((Ok::<_, Infallible>(event), follower))
        });
        let unbuffered = (HeaderName::from_static("x-accel-buffering"), "no");
        Ok(([unbuffered], Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))).into_response())
    }

    /// Waits for the next event. Returns `None` at the end of the stream.
    async fn next(&mut self) -> Option<sse::Event> {
        while !self.is_finished {
            self.wait().await;
            if *self.stopping.borrow() || Instant::now() >= self.end {
                return None;
            }
            match self.load().await {
                Ok(Some(event)) => return Some(event),
                Ok(None) => {}
                // The database may become available again, so the stream stays open.
                Err(error) if error.problem().code.is_retryable() => {
                    tracing::debug!(?error, "the request cannot be loaded; retrying")
                }
                Err(_) => return None,
            }
        }
        None
    }

    /// The event for the current state, unless the client has already received it. Reads the client's role
    /// before each event.
    async fn load(&mut self) -> Result<Option<sse::Event>, Arc<Error>> {
        let reading = self.read().await;
        (self.after, self.next_poll) = (reading.began, reading.ended + POLL_INTERVAL);
        let found = reading.result?;
        if let Some(detail) = &found {
            // Once the request exists, notifications are matched by its ID.
            self.subject = Subject::Id(detail.summary.id);
        }
        let mut event = StateEvent::new(found.as_deref(), self.role);
        if event.id != self.last_id || self.role_read_at.elapsed() + POLL_INTERVAL > MAX_ROLE_AGE {
            self.read_role(reading.ended).await?;
            event = StateEvent::new(found.as_deref(), self.role);
        }
        self.is_finished = event.is_last();
        if event.id == self.last_id {
            return Ok(None);
        }
        self.last_id.clone_from(&event.id);
        Ok(Some(event.into_sse(self.format, reading.began.elapsed())))
    }

    /// Reads the request. Followers of the same request share the reading.
    async fn read(&mut self) -> Reading<Option<Arc<RequestDetail>>> {
        match self.subject {
            Subject::Id(id) => {
                let shared = self.shared_request.get_or_insert_with(|| self.streams.request(id));
                let query = async { find_request(&self.engine, id).await.map(Arc::new).map(Some) };
                shared.read(self.after, query).await
            }
            Subject::Key(key) => {
                let query = find_request_by_key(&self.engine, key);
                Reading::take(async { query.await.map(|found| found.map(Arc::new)) }).await
            }
        }
    }

    /// Reads the role of the client. Streams with the same credential share the reading.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if the session or token has ended, or the employee was disabled.
    async fn read_role(&mut self, after: Instant) -> Result<(), Arc<Error>> {
        let query = self.credential.find_employee(&self.engine, RequestKind::Background);
        let reading = self.shared_employee.read(after, query).await;
        let employee = reading.result?.ok_or_else(|| Error::from(ErrorCode::Unauthenticated))?;
        (self.role, self.role_read_at) = (employee.role, reading.began);
        Ok(())
    }

    /// Waits for a notification, the poll interval or shutdown.
    async fn wait(&mut self) {
        tokio::select! {
            () = wait_for_change(&mut self.changes, self.subject) => {
                self.after = Instant::now();
                tokio::time::sleep(GATHER_TIME).await;
            }
            _ = self.stopping.changed() => {}
            () = tokio::time::sleep_until(self.next_poll) => {}
        }
    }
}

/// Waits until the request may have changed. Ignores changes of other requests. Notifications contain no
/// keys, so a follower of a key wakes on the change of any request, at most once per [`MIN_INTERVAL`].
async fn wait_for_change(changes: &mut broadcast::Receiver<Uuid>, subject: Subject) {
    loop {
        match (changes.recv().await, subject) {
            (Ok(changed), Subject::Id(id)) if changed == id => return,
            (Ok(_), Subject::Id(_)) => {}
            (Ok(_), Subject::Key(_)) | (Err(RecvError::Lagged(_)), _) => {
                tokio::time::sleep(MIN_INTERVAL).await;
                *changes = changes.resubscribe();
                return;
            }
            (Err(RecvError::Closed), _) => return std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// A receiver to which 20 changes of other requests were sent, and its sender.
    fn changes_of_others() -> (broadcast::Sender<Uuid>, broadcast::Receiver<Uuid>) {
        let (sender, changes) = broadcast::channel(256);
        for _ in 0..20 {
            sender.send(Uuid::new_v4()).unwrap();
        }
        (sender, changes)
    }

    #[test]
    fn changes_of_other_requests_do_not_wake_a_follower_of_an_id() {
        let (_sender, mut changes) = changes_of_others();
        let subject = Subject::Id(Uuid::new_v4());
        assert_eq!(wait_for_change(&mut changes, subject).now_or_never(), None);
        assert!(changes.is_empty());
    }

    #[test]
    fn a_change_of_the_followed_request_wakes_immediately() {
        let (sender, mut changes) = changes_of_others();
        let id = Uuid::new_v4();
        sender.send(id).unwrap();
        assert_eq!(wait_for_change(&mut changes, Subject::Id(id)).now_or_never(), Some(()));
    }

    #[tokio::test]
    async fn many_changes_wake_a_follower_of_a_key_once_per_interval() {
        let (_sender, mut changes) = changes_of_others();
        let subject = Subject::Key(Uuid::new_v4());
        let start = Instant::now();
        wait_for_change(&mut changes, subject).await;
        assert!(start.elapsed() >= MIN_INTERVAL);
        assert!(changes.is_empty());
    }
}
