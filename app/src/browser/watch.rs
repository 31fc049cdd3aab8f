use leptos::prelude::*;

use crate::server_fns::Record;

/// A running look at the request of a key: asked for when the server says that there is news, and
/// once a second where the stream does not work. The database is the truth; this only looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch {
    generation: StoredValue<u32>,
    #[cfg(feature = "hydrate")]
    source: StoredValue<Option<web_sys::EventSource>, LocalStorage>,
}

impl Watch {
    pub fn new() -> Self {
        let watch = Self {
            generation: StoredValue::new(0),
            #[cfg(feature = "hydrate")]
            source: StoredValue::new_local(None),
        };
        on_cleanup(move || watch.stop());
        watch
    }

    /// Ends the look that is under way.
    pub fn stop(self) {
        let _ = self.generation.try_update_value(|generation| *generation += 1);
        #[cfg(feature = "hydrate")]
        let _ = self.source.try_update_value(|source| {
            if let Some(source) = source.take() {
                source.close();
            }
        });
    }

    #[cfg(feature = "hydrate")]
    fn is_current(self, generation: u32) -> bool {
        self.generation.try_get_value() == Some(generation)
    }

    #[cfg(not(feature = "hydrate"))]
    pub fn start(
        self,
        _key: String,
        _seen: impl Fn(Record) -> bool + Clone + 'static,
        _gone: impl FnOnce() + 'static,
    ) {
    }

    /// Looks until the request of `key` is on record and finished, telling `seen` each state; or
    /// tells `gone` when `seen` has taken none for six seconds.
    #[cfg(feature = "hydrate")]
    pub fn start(
        self,
        key: String,
        seen: impl Fn(Record) -> bool + Clone + 'static,
        gone: impl FnOnce() + 'static,
    ) {
        self.stop();
        let generation = self.generation.get_value();
        self.listen(&key, generation, seen.clone());
        leptos::task::spawn_local(self.poll(key, generation, seen, gone));
    }

    #[cfg(feature = "hydrate")]
    fn listen(self, key: &str, generation: u32, seen: impl Fn(Record) -> bool + Clone + 'static) {
        use wasm_bindgen::{JsCast, closure::Closure};
        let address = format!("/api/v1/admin/provisioning-requests/by-key/{key}/events");
        let Ok(source) = web_sys::EventSource::new(&address) else { return };
        let key = key.to_owned();
        let on_request = Closure::<dyn FnMut()>::new(move || {
            let (key, seen) = (key.clone(), seen.clone());
            leptos::task::spawn_local(async move {
                let found = crate::server_fns::find_by_key(key).await.ok().flatten();
                if let Some(record) = found.filter(|_| self.is_current(generation)) {
                    seen(record);
                }
            });
        });
        let _ = source.add_event_listener_with_callback("request", on_request.as_ref().unchecked_ref());
        // The browser keeps it as long as the source may call it.
        on_request.forget();
        self.source.set_value(Some(source));
    }

    /// Polling behind the stream: finds what the stream missed, and that there is nothing.
    #[cfg(feature = "hydrate")]
    async fn poll(self, key: String, generation: u32, seen: impl Fn(Record) -> bool, gone: impl FnOnce()) {
        use domain::RequestStatus;
        let mut misses = 0;
        while misses < 6 {
            gloo_timers::future::TimeoutFuture::new(1000).await;
            if !self.is_current(generation) {
                return;
            }
            let found = crate::server_fns::find_by_key(key.clone()).await;
            // The stream may have told the end meanwhile, or the page was left.
            if !self.is_current(generation) {
                return;
            }
            match found {
                Ok(Some(detail)) => {
                    let finished = detail.summary.status != RequestStatus::Processing;
                    match seen(detail) {
                        true if finished => return,
                        true => {}
                        false => misses += 1,
                    }
                }
                Ok(None) | Err(_) => misses += 1,
            }
        }
        if self.is_current(generation) {
            gone();
        }
    }
}
