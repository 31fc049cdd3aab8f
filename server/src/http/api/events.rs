//! The progress of a request as server-sent events. The database is the source of truth. Change
//! notifications only make a stream query the database sooner.
//!
//! The ID of an event identifies the state that it contains. A client that reconnects, to any process, sends
//! the last ID in `Last-Event-ID` and receives the next event when the state has changed.

mod event;

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, StatusCode},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use domain::{Role, history::RequestDetail};
use engine::{Engine, Error, provisioning};
use futures_util::stream;
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        watch,
    },
    time::Instant,
};
use uuid::Uuid;

use self::event::StateEvent;
use super::requests::{parse_id, parse_path_key};
use crate::http::{authentication::SignedIn, error::ApiError, state::ServerState};

/// How often the database is queried without a notification.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The minimum time between queries while notifications arrive.
const MIN_INTERVAL: Duration = Duration::from_millis(100);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The maximum duration of a stream. A client that reconnects is authorised again.
const MAX_DURATION: Duration = Duration::from_secs(300);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// `GET /provisioning-requests/{id}/events`
pub(crate) async fn follow(
    State(server): State<ServerState>,
    SignedIn(employee): SignedIn,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = parse_id(id)?;
    // Subscribes before the first query, so that no change is missed.
    let follower = Follower::new(&server, employee.role, Subject::Id(id), &headers);
    follower.respond().await
}

/// `GET /provisioning-requests/by-key/{key}/events`: waits for the request with this key, then follows it.
pub(crate) async fn follow_by_key(
    State(server): State<ServerState>,
    SignedIn(employee): SignedIn,
    key: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let subject = Subject::Key(parse_path_key(key)?);
    Follower::new(&server, employee.role, subject, &headers).respond().await
}

/// The request that a stream follows.
#[derive(Debug, Clone, Copy)]
enum Subject {
    Id(Uuid),
    Key(Uuid),
}

struct Follower {
    engine: Engine,
    /// The role of the client.
    role: Role,
    subject: Subject,
    changes: broadcast::Receiver<Uuid>,
    stopping: watch::Receiver<bool>,
    end: Instant,
    /// The ID of the last event that the client received.
    last_id: String,
    is_finished: bool,
}

impl Follower {
    fn new(server: &ServerState, role: Role, subject: Subject, headers: &HeaderMap) -> Self {
        let last_id = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
        Self {
            engine: server.console.engine.clone(),
            role,
            subject,
            changes: server.console.engine.changes(),
            stopping: server.stopping.clone(),
            end: Instant::now() + MAX_DURATION,
            last_id: last_id.to_owned(),
            is_finished: false,
        }
    }

    /// Responds with the stream, or with 204 if the client has already received the last event. Browsers do
    /// not reconnect after a 204.
    async fn respond(self) -> Result<Response, ApiError> {
        match self.load().await {
            Ok(found) => {
                let event = StateEvent::new(found.as_ref(), self.role);
                if event.is_some_and(|event| event.is_last && event.id == self.last_id) {
                    return Ok(StatusCode::NO_CONTENT.into_response());
                }
            }
            // The stream starts without an event, and queries the request again.
            Err(error) if error.problem().code.is_retryable() => {}
            Err(error) => return Err(error.into()),
        }
        let events = stream::unfold(self, async |mut follower| {
            let event = follower.next().await?;
            Some((Ok::<_, Infallible>(event), follower))
        });
        let unbuffered = (HeaderName::from_static("x-accel-buffering"), "no");
        Ok(([unbuffered], Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))).into_response())
    }

    /// Waits for the next event. Returns `None` at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        while !self.is_finished && !*self.stopping.borrow() && Instant::now() < self.end {
            match self.load().await {
                Ok(found) => {
                    if let Some(event) = self.event_if_new(found) {
                        return Some(event);
                    }
                }
                // The database may become available again, so the stream stays open.
                Err(error) if error.problem().code.is_retryable() => {
                    tracing::debug!(?error, "the request cannot be loaded; retrying")
                }
                Err(_) => return None,
            }
            self.wait().await;
        }
        None
    }

    async fn load(&self) -> Result<Option<RequestDetail>, Error> {
        match self.subject {
            Subject::Id(id) => provisioning::find_request(&self.engine, id).await.map(Some),
            Subject::Key(key) => provisioning::find_request_by_key(&self.engine, key).await,
        }
    }

    /// The event for the loaded state, unless the client has already received it.
    fn event_if_new(&mut self, found: Option<RequestDetail>) -> Option<Event> {
        if let Some(detail) = &found {
            // Once the request exists, notifications are matched by its ID.
            self.subject = Subject::Id(detail.summary.id);
        }
        let StateEvent { name, data, id, is_last } = StateEvent::new(found.as_ref(), self.role)?;
        self.is_finished = is_last;
        if id == self.last_id {
            return None;
        }
        self.last_id.clone_from(&id);
        Some(Event::default().event(name).id(id).data(data))
    }

    /// Waits for a notification, the poll interval or shutdown.
    async fn wait(&mut self) {
        tokio::select! {
            () = wait_for_change(&mut self.changes, self.subject) => {}
            _ = self.stopping.changed() => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
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
