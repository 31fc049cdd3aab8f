use leptos::prelude::*;

use crate::server_fns::RequestRecord;

/// The provisioning request to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WatchTarget {
    /// The request with this idempotency key, which may not be stored yet. The watch ends when the core has
    /// finished.
    Key(String),
    /// The request with this ID. The watch ends when the request is terminal, and pauses while the page is
    /// hidden.
    Id(String),
}

/// The state of the connection that delivers updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser watches requests"))]
pub(crate) enum ConnectionState {
    /// Updates arrive.
    Live,
    /// The server does not respond. The browser retries.
    Lost,
    /// Not watching: the request is terminal, or the session has ended.
    Closed,
}

/// Watches one request. The server sends the record after each change, and the watcher polls every second
/// while the event stream is broken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestWatcher {
    connection: RwSignal<ConnectionState>,
    /// Increases with each start and stop, so that late responses are dropped.
    generation: StoredValue<u32>,
    #[cfg(feature = "hydrate")]
    source: StoredValue<Option<web_sys::EventSource>, LocalStorage>,
}

impl RequestWatcher {
    pub fn new() -> Self {
        let watcher = Self {
            connection: RwSignal::new(ConnectionState::Closed),
            generation: StoredValue::new(0),
            #[cfg(feature = "hydrate")]
            source: StoredValue::new_local(None),
        };
        on_cleanup(move || watcher.stop());
        watcher
    }

    pub fn connection(self) -> Signal<ConnectionState> {
        self.connection.into()
    }

    /// Stops watching.
    pub fn stop(self) {
        let _ = self.generation.try_update_value(|generation| *generation += 1);
        let _ = self.connection.try_set(ConnectionState::Closed);
        #[cfg(feature = "hydrate")]
        self.close();
    }

    #[cfg(not(feature = "hydrate"))]
    pub fn start(
        self,
        _target: WatchTarget,
        _on_record: impl Fn(RequestRecord) -> bool + 'static,
        _on_not_found: impl FnOnce() + 'static,
    ) {
    }

    /// Watches until the request no longer changes. Calls `on_record` with each record, and `on_record`
    /// returns whether it accepted the record. For a key, calls `on_not_found` after six polls without an
    /// accepted record.
    #[cfg(feature = "hydrate")]
    pub fn start(
        self,
        target: WatchTarget,
        on_record: impl Fn(RequestRecord) -> bool + 'static,
        on_not_found: impl FnOnce() + 'static,
    ) {
        self.stop();
        let watch = active_watch::ActiveWatch::new(self, target, on_record);
        watch.listen();
        leptos::task::spawn_local(watch.poll(on_not_found));
    }

    #[cfg(feature = "hydrate")]
    fn close(self) {
        let _ = self.source.try_update_value(|source| {
            if let Some(source) = source.take() {
                source.close();
            }
        });
    }
}

#[cfg(feature = "hydrate")]
mod active_watch {
    use std::rc::Rc;

    use domain::{RequestStatus, paths};
    use gloo_timers::future::TimeoutFuture;
    use leptos::prelude::*;
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{EventSource, MessageEvent};

    use super::{ConnectionState, RequestRecord, RequestWatcher, WatchTarget};
    use crate::{Failure, codec::from_json, server_fns};

    const POLL_INTERVAL_MS: u32 = 1000;
    /// After how many polls a closed stream is opened again. The server refuses a stream if the employee has
    /// too many.
    const POLLS_PER_STREAM: u32 = 10;
    /// The number of polls without an accepted record after which a watch by key ends.
    const MAX_MISSES: u32 = 6;

    /// One run of a [`RequestWatcher`], from its start to its stop.
    #[derive(Clone)]
    pub(super) struct ActiveWatch {
        watcher: RequestWatcher,
        generation: u32,
        target: WatchTarget,
        on_record: Rc<dyn Fn(RequestRecord) -> bool>,
    }

    impl ActiveWatch {
        pub fn new(
            watcher: RequestWatcher,
            target: WatchTarget,
            on_record: impl Fn(RequestRecord) -> bool + 'static,
        ) -> Self {
            let _ = watcher.connection.try_set(ConnectionState::Live);
            let generation = watcher.generation.get_value();
            Self { watcher, generation, target, on_record: Rc::new(on_record) }
        }

        fn is_current(&self) -> bool {
            self.watcher.generation.try_get_value() == Some(self.generation)
        }

        fn is_by_key(&self) -> bool {
            matches!(self.target, WatchTarget::Key(_))
        }

        async fn load(&self) -> Result<Option<RequestRecord>, Failure> {
            match &self.target {
                WatchTarget::Key(key) => server_fns::find_by_key(key.clone()).await,
                WatchTarget::Id(id) => server_fns::follow_request(id.clone()).await.map(Some),
            }
        }

        /// Passes a record, which the server has sent or which was loaded, to `on_record`. Returns whether
        /// `on_record` accepted it.
        fn apply(&self, loaded: Result<Option<RequestRecord>, Failure>) -> bool {
            // The employee left the page, or another record has already stopped the watcher.
            if !self.is_current() {
                return false;
            }
            let connection = match &loaded {
                Ok(_) => ConnectionState::Live,
                // A watch by key continues, because the submit still needs `on_record` or `on_not_found`.
                Err(failure) if failure.is_signed_out() && !self.is_by_key() => ConnectionState::Closed,
                Err(_) => ConnectionState::Lost,
            };
            if self.watcher.connection.try_get_untracked() != Some(connection) {
                let _ = self.watcher.connection.try_set(connection);
            }
            if connection == ConnectionState::Closed {
                self.watcher.stop();
            }
            let Some(record) = loaded.ok().flatten() else { return false };
            let is_last = match self.target {
                WatchTarget::Key(_) => record.summary.status != RequestStatus::Processing,
                WatchTarget::Id(_) => record.is_terminal(),
            };
            let accepted = (self.on_record)(record);
            if accepted && is_last {
                self.watcher.stop();
            }
            accepted
        }

        pub fn listen(&self) {
            let url = match &self.target {
                WatchTarget::Key(key) => paths::api_request_events_by_key(key),
                WatchTarget::Id(id) => paths::api_request_events(id),
            };
            let Ok(source) = EventSource::new(&url) else { return };
            let watch = self.clone();
            let on_event = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                let record = event.data().as_string().and_then(|json| from_json(&json).ok());
                watch.apply(Ok(record));
            });
            let _ = source.add_event_listener_with_callback("request", on_event.as_ref().unchecked_ref());
            // Leak the callback, because the event source may call it until the page is closed.
            on_event.forget();
            self.watcher.source.set_value(Some(source));
        }

        fn stream_state(&self) -> u16 {
            let state = |source: &Option<EventSource>| source.as_ref().map(EventSource::ready_state);
            self.watcher.source.try_with_value(state).flatten().unwrap_or(EventSource::CLOSED)
        }

        /// Polls as a fallback for the event stream.
        pub async fn poll(self, on_not_found: impl FnOnce()) {
            let by_key = self.is_by_key();
            let (mut misses, mut polls) = (0, 0);
            while misses < MAX_MISSES {
                TimeoutFuture::new(POLL_INTERVAL_MS).await;
                if !self.is_current() {
                    return;
                }
                if !by_key && document().hidden() {
                    // Browsers limit the connections to one server, so a hidden page closes its stream.
                    self.watcher.close();
                    continue;
                }
                if !by_key && self.stream_state() == EventSource::OPEN {
                    polls = 0;
                    continue;
                }
                let accepted = self.apply(self.load().await);
                if !self.is_current() {
                    return;
                }
                if by_key && !accepted {
                    misses += 1;
                }
                // A browser does not reopen a stream after an error response. Open it again once the server
                // responds.
                let is_live = self.watcher.connection.try_get_untracked() == Some(ConnectionState::Live);
                if is_live && self.stream_state() == EventSource::CLOSED {
                    if polls % POLLS_PER_STREAM == 0 {
                        self.listen();
                    }
                    polls += 1;
                }
            }
            if self.is_current() {
                on_not_found();
            }
        }
    }
}
