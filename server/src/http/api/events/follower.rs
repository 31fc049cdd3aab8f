use std::{sync::Arc, time::Duration};

use axum::{
    http::{HeaderMap, HeaderName},
    response::sse,
};
use domain::{ErrorCode, Role, history::RequestDetail, paths::RequestKind};
use engine::{
    Engine, Error,
    access::{Employee, EventStreamPermit},
    provisioning::{find_request, find_request_by_key},
};
use tokio::{
    sync::{broadcast, watch},
    time::Instant,
};
use uuid::Uuid;

use super::{
    event::{EventFormat, StateEvent},
    subject::Subject,
};
use crate::http::{
    credential::Credential,
    error::ApiError,
    state::ServerState,
    streams::{Reading, SharedReading, Streams},
};

/// How often the database is queried without a notification.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How long a follower waits after a change, so that all followers of the request share the next reading.
const GATHER_TIME: Duration = Duration::from_millis(50);
/// How old the role of the client may be. The role is also read before each event, and when an access right
/// changes.
const MAX_ROLE_AGE: Duration = Duration::from_secs(5);
/// The maximum duration of a stream. A client reconnects.
const MAX_DURATION: Duration = Duration::from_secs(300);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// A client that follows a request.
pub(super) struct Follower {
    engine: Engine,
    streams: Streams,
    subject: Subject,
    format: EventFormat,
    credential: Credential,
    /// The role of the client, and when it was read.
    role: Role,
    role_read_at: Instant,
    /// Whether an access right has changed since the role was read.
    is_role_stale: bool,
    /// The readings of the client's employee and, once its ID is known, of the request.
    shared_employee: Arc<SharedReading<Option<Employee>>>,
    shared_request: Option<Arc<SharedReading<Option<Arc<RequestDetail>>>>>,
    /// The next reading must have begun after this time.
    after: Instant,
    /// When the database is queried without a notification.
    next_poll: Instant,
    changes: broadcast::Receiver<Uuid>,
    access_changes: watch::Receiver<()>,
    stopping: watch::Receiver<bool>,
    end: Instant,
    /// The ID of the last event that the client received.
    last_id: String,
    is_finished: bool,
    _permit: EventStreamPermit,
}

impl Follower {
    /// Admits the client, whose employee may have a limited number of streams.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` without a credential; `RATE_LIMITED`; the database's error.
    pub(super) async fn new(
        server: &ServerState,
        employee: &Employee,
        subject: Subject,
        format: EventFormat,
        headers: &HeaderMap,
    ) -> Result<Self, ApiError> {
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
            is_role_stale: false,
            shared_request: None,
            after: now,
            next_poll: now,
            changes,
            access_changes: server.console.engine.access_changes(),
            stopping: server.stopping.clone(),
            end: now + MAX_DURATION,
            last_id: last_id.to_owned(),
            is_finished: false,
            _permit: permit,
        })
    }

    /// Reads the request, and returns whether the client has already received the last event.
    ///
    /// # Errors
    /// The error of the reading, unless it can be repeated: the stream starts without an event then, and reads
    /// the request again.
    pub(super) async fn has_received_last_event(&mut self) -> Result<bool, ApiError> {
        match self.read().await.result {
            Ok(found) => {
                let event = StateEvent::new(found.as_deref(), self.role);
                Ok(event.is_last() && event.id == self.last_id)
            }
            Err(error) if error.problem().code.is_retryable() => Ok(false),
            Err(error) => Err(error.report().into()),
        }
    }

    /// Waits for the next event. Returns `None` at the end of the stream.
    pub(super) async fn next(&mut self) -> Option<sse::Event> {
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
                Err(error) => {
                    drop(error.report());
                    return None;
                }
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
        let is_role_old = self.role_read_at.elapsed() + POLL_INTERVAL > MAX_ROLE_AGE;
        if event.id != self.last_id || self.is_role_stale || is_role_old {
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
        (self.role, self.role_read_at, self.is_role_stale) = (employee.role, reading.began, false);
        Ok(())
    }

    /// Waits for a notification, the poll interval or shutdown.
    async fn wait(&mut self) {
        tokio::select! {
            () = self.subject.wait_for_change(&mut self.changes) => {
                self.after = Instant::now();
                tokio::time::sleep(GATHER_TIME).await;
            }
            _ = self.access_changes.changed() => {
                (self.is_role_stale, self.after) = (true, Instant::now());
            }
            _ = self.stopping.changed() => {}
            () = tokio::time::sleep_until(self.next_poll) => {}
        }
    }
}
