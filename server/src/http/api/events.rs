//! A request as it goes on, as server-sent events. The database is the truth; what this process
//! hears of a change only makes it look sooner.
//!
//! An event's id stands for the state that it tells. A client that comes back names the last one in
//! `Last-Event-ID`, to any process, and hears nothing until the state is another.

mod news;

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

use self::news::News;
use super::requests::{parse_id, parse_path_key};
use crate::http::{error::ApiError, state::Server, visitor::SignedIn};

/// How often the database is asked when nothing is heard.
const POLL: Duration = Duration::from_secs(1);
/// How often it is asked at most, whatever is heard.
const PACE: Duration = Duration::from_millis(100);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long one stream lives. A client that comes back is authorised again.
const LIFE: Duration = Duration::from_secs(300);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// `GET /provisioning-requests/{id}/events`
pub async fn follow(
    State(server): State<Server>,
    SignedIn(principal): SignedIn,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = parse_id(id)?;
    // Subscribed before looking, so that no change falls between.
    let follower = Follower::new(&server, principal.role, Subject::Id(id), &headers);
    follower.begin().await
}

/// `GET /provisioning-requests/by-key/{key}/events`: waits for the caller's own request with
/// this key, then follows it.
pub async fn follow_by_key(
    State(server): State<Server>,
    SignedIn(principal): SignedIn,
    key: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let subject = Subject::Key { employee_id: principal.employee_id, key: parse_path_key(key)? };
    Follower::new(&server, principal.role, subject, &headers).begin().await
}

/// Which request is followed.
#[derive(Debug, Clone, Copy)]
enum Subject {
    Id(Uuid),
    Key { employee_id: Uuid, key: Uuid },
}

struct Follower {
    engine: Engine,
    /// Of whoever follows.
    role: Role,
    subject: Subject,
    changes: broadcast::Receiver<Uuid>,
    stopping: watch::Receiver<bool>,
    end: Instant,
    /// The id of what the client knows.
    known: String,
    ended: bool,
}

impl Follower {
    fn new(server: &Server, role: Role, subject: Subject, headers: &HeaderMap) -> Self {
        let known = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
        Self {
            engine: server.console.engine.clone(),
            role,
            subject,
            changes: server.console.engine.changes(),
            stopping: server.stopping.clone(),
            end: Instant::now() + LIFE,
            known: known.to_owned(),
            ended: false,
        }
    }

    /// The stream; or 204, at which a browser does not come back, when its client knows the end.
    async fn begin(self) -> Result<Response, ApiError> {
        match self.look().await {
            Ok(found) => {
                let news = News::of(found.as_ref(), self.role);
                if news.is_some_and(|news| news.is_last && news.id == self.known) {
                    return Ok(StatusCode::NO_CONTENT.into_response());
                }
            }
            // The stream looks again.
            Err(error) if error.problem().code.retryable() => {}
            Err(error) => return Err(error.into()),
        }
        let events = stream::unfold(self, async |mut follower| {
            let event = follower.next().await?;
            Some((Ok::<_, Infallible>(event), follower))
        });
        let unbuffered = (HeaderName::from_static("x-accel-buffering"), "no");
        Ok(([unbuffered], Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))).into_response())
    }

    /// The next event; none once there is nothing more to tell.
    async fn next(&mut self) -> Option<Event> {
        while !self.ended && !*self.stopping.borrow() && Instant::now() < self.end {
            match self.look().await {
                Ok(found) => {
                    if let Some(event) = self.tell(found) {
                        return Some(event);
                    }
                }
                // It may come back: the client keeps what it has.
                Err(error) if error.problem().code.retryable() => tracing::debug!(?error, "cannot look now"),
                Err(_) => return None,
            }
            self.wait().await;
        }
        None
    }

    async fn look(&self) -> Result<Option<RequestDetail>, Error> {
        match self.subject {
            Subject::Id(id) => provisioning::find_request(&self.engine, id).await.map(Some),
            Subject::Key { employee_id, key } => {
                provisioning::find_request_by_key(&self.engine, employee_id, key).await
            }
        }
    }

    /// The event for what was found, if it is news.
    fn tell(&mut self, found: Option<RequestDetail>) -> Option<Event> {
        if let Some(detail) = &found {
            // Found once, it is followed by what is told of it.
            self.subject = Subject::Id(detail.summary.id);
        }
        let News { name, data, id, is_last } = News::of(found.as_ref(), self.role)?;
        self.ended = is_last;
        if id == self.known {
            return None;
        }
        self.known.clone_from(&id);
        Some(Event::default().event(name).id(id).data(data))
    }

    /// Until somebody says that something changed, or it is time to look anyway.
    async fn wait(&mut self) {
        tokio::select! {
            () = heard(&mut self.changes, self.subject) => {}
            _ = self.stopping.changed() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Until this process says that the request may have changed: others' changes, of which there
/// are many, cost nothing. Whose key a change is of is not told, so with a key each may be the
/// one; many of them are one.
async fn heard(changes: &mut broadcast::Receiver<Uuid>, subject: Subject) {
    loop {
        match (changes.recv().await, subject) {
            (Ok(changed), Subject::Id(id)) if changed == id => return,
            (Ok(_), Subject::Id(_)) => {}
            (Ok(_), Subject::Key { .. }) | (Err(RecvError::Lagged(_)), _) => {
                tokio::time::sleep(PACE).await;
                *changes = changes.resubscribe();
                return;
            }
            (Err(RecvError::Closed), _) => return std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often a follower is woken by 20 changes of other requests, 20 ms apart.
    async fn wakes(subject: Subject) -> u32 {
        let (sender, mut changes) = broadcast::channel(256);
        let others = tokio::spawn(async move {
            for _ in 0..20 {
                let _ = sender.send(Uuid::new_v4());
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            sender
        });
        let mut wakes = 0;
        let end = tokio::time::sleep(Duration::from_millis(600));
        tokio::pin!(end);
        loop {
            tokio::select! {
                () = heard(&mut changes, subject) => wakes += 1,
                () = &mut end => break,
            }
        }
        drop(others);
        wakes
    }

    #[tokio::test]
    async fn changes_of_others_wake_nobody_who_follows_an_id() {
        assert_eq!(wakes(Subject::Id(Uuid::new_v4())).await, 0);
    }

    #[tokio::test]
    async fn many_changes_are_few_looks_for_who_follows_a_key() {
        let wakes = wakes(Subject::Key { employee_id: Uuid::new_v4(), key: Uuid::new_v4() }).await;
        assert!((1..=5).contains(&wakes), "{wakes}");
    }

    #[tokio::test]
    async fn the_followed_request_is_heard_at_once() {
        let (sender, mut changes) = broadcast::channel(256);
        let id = Uuid::new_v4();
        for changed in [Uuid::new_v4(), id] {
            sender.send(changed).unwrap();
        }
        tokio::time::timeout(PACE / 2, heard(&mut changes, Subject::Id(id))).await.unwrap();
    }
}
