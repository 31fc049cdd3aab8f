use leptos::prelude::*;

use crate::server_fns::Record;

/// Which request is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The one that was asked for with this key, which may not be on record yet. Looked at until it
    /// is finished.
    Key(String),
    /// The one with this id. Looked at until nothing will change it any more, while the page is seen.
    Id(String),
}

/// How a look goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser looks"))]
pub(crate) enum ConnectionState {
    /// The server tells what is new.
    Live,
    /// It cannot be reached just now, and is tried again.
    Lost,
    /// There is nothing more to tell, or nobody to tell it to.
    Over,
}

/// A running look at one request: asked for when the server says that there is news, and once a
/// second while the stream does not work. The database is the truth; this only looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch {
    contact: RwSignal<ConnectionState>,
    generation: StoredValue<u32>,
    #[cfg(feature = "hydrate")]
    source: StoredValue<Option<web_sys::EventSource>, LocalStorage>,
}

impl Watch {
    pub fn new() -> Self {
        let watch = Self {
            contact: RwSignal::new(ConnectionState::Over),
            generation: StoredValue::new(0),
            #[cfg(feature = "hydrate")]
            source: StoredValue::new_local(None),
        };
        on_cleanup(move || watch.stop());
        watch
    }

    /// How the look goes on.
    pub fn contact(self) -> Signal<ConnectionState> {
        self.contact.into()
    }

    /// Ends the look that is under way.
    pub fn stop(self) {
        let _ = self.generation.try_update_value(|generation| *generation += 1);
        let _ = self.contact.try_set(ConnectionState::Over);
        #[cfg(feature = "hydrate")]
        self.close();
    }

    #[cfg(not(feature = "hydrate"))]
    pub fn start(
        self,
        _subject: Subject,
        _seen: impl Fn(Record) -> bool + 'static,
        _gone: impl FnOnce() + 'static,
    ) {
    }

    /// Looks until there is nothing more to see, telling `seen` each state; or, with a key, tells
    /// `gone` when `seen` has taken none for six seconds.
    #[cfg(feature = "hydrate")]
    pub fn start(
        self,
        subject: Subject,
        seen: impl Fn(Record) -> bool + 'static,
        gone: impl FnOnce() + 'static,
    ) {
        self.stop();
        let looker = looking::Poller::new(self, subject, seen);
        looker.listen();
        leptos::task::spawn_local(looker.poll(gone));
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
mod looking {
    use std::rc::Rc;

    use domain::RequestStatus;
    use gloo_timers::future::TimeoutFuture;
    use leptos::prelude::*;
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::EventSource;

    use super::{ConnectionState, Record, Subject, Watch};
    use crate::{Failure, server_fns};

    /// One look, from its start to its end.
    #[derive(Clone)]
    pub(super) struct Poller {
        watch: Watch,
        generation: u32,
        subject: Subject,
        seen: Rc<dyn Fn(Record) -> bool>,
    }

    impl Poller {
        pub fn new(watch: Watch, subject: Subject, seen: impl Fn(Record) -> bool + 'static) -> Self {
            let _ = watch.contact.try_set(ConnectionState::Live);
            Self { watch, generation: watch.generation.get_value(), subject, seen: Rc::new(seen) }
        }

        fn is_current(&self) -> bool {
            self.watch.generation.try_get_value() == Some(self.generation)
        }

        async fn look(&self) -> Result<Option<Record>, Failure> {
            match &self.subject {
                Subject::Key(key) => server_fns::find_by_key(key.clone()).await,
                Subject::Id(id) => server_fns::follow_request(id.clone()).await.map(Some),
            }
        }

        /// Looks and tells; whether that was taken, and whether it was the last. None where there is
        /// nothing.
        async fn tell(&self) -> Option<(bool, bool)> {
            let found = self.look().await;
            // The page was left meanwhile, or the stream has told the end.
            if !self.is_current() {
                return None;
            }
            let by_id = matches!(self.subject, Subject::Id(_));
            let contact = match &found {
                Ok(_) => ConnectionState::Live,
                // Who has a key waits for an answer, and is told that there is none.
                Err(failure) if failure.is_signed_out() && by_id => ConnectionState::Over,
                Err(_) => ConnectionState::Lost,
            };
            if self.watch.contact.try_get_untracked() != Some(contact) {
                let _ = self.watch.contact.try_set(contact);
            }
            if contact == ConnectionState::Over {
                self.watch.stop();
            }
            let record = found.ok().flatten()?;
            let last = match self.subject {
                Subject::Key(_) => record.summary.status != RequestStatus::Processing,
                Subject::Id(_) => record.is_terminal(),
            };
            let taken = (self.seen)(record);
            if taken && last {
                self.watch.stop();
            }
            Some((taken, last))
        }

        pub fn listen(&self) {
            let address = match &self.subject {
                Subject::Key(key) => format!("/api/v1/admin/provisioning-requests/by-key/{key}/events"),
                Subject::Id(id) => format!("/api/v1/admin/provisioning-requests/{id}/events"),
            };
            let Ok(source) = EventSource::new(&address) else { return };
            let looker = self.clone();
            let on_request = Closure::<dyn FnMut()>::new(move || {
                let looker = looker.clone();
                leptos::task::spawn_local(async move {
                    looker.tell().await;
                });
            });
            let _ = source.add_event_listener_with_callback("request", on_request.as_ref().unchecked_ref());
            // The browser keeps it as long as the source may call it.
            on_request.forget();
            self.watch.source.set_value(Some(source));
        }

        fn stream_state(&self) -> u16 {
            let state = |source: &Option<EventSource>| source.as_ref().map(EventSource::ready_state);
            self.watch.source.try_with_value(state).flatten().unwrap_or(EventSource::CLOSED)
        }

        /// Polling behind the stream: finds what the stream missed, and that there is nothing.
        pub async fn poll(self, gone: impl FnOnce()) {
            let by_key = matches!(self.subject, Subject::Key(_));
            let mut misses = 0;
            while misses < 6 {
                TimeoutFuture::new(1000).await;
                if !self.is_current() {
                    return;
                }
                if !by_key && document().hidden() {
                    // A browser has few connections to a server, and nobody is looking.
                    self.watch.close();
                    continue;
                }
                if !by_key && self.stream_state() == EventSource::OPEN {
                    continue;
                }
                let told = self.tell().await;
                if !self.is_current() {
                    return;
                }
                if by_key && !told.is_some_and(|(taken, _)| taken) {
                    misses += 1;
                }
                // An answer that is not a stream ends it for good: begun anew once the server answers.
                let back = self.watch.contact.try_get_untracked() == Some(ConnectionState::Live);
                if back && self.stream_state() == EventSource::CLOSED {
                    self.listen();
                }
            }
            if self.is_current() {
                gone();
            }
        }
    }
}
