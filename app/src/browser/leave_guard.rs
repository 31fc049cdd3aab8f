//! Asks before the user leaves a page. For a link or the back button, the page shows its own dialog. For
//! everything else that unloads the document, the browser shows a dialog.

#[cfg(feature = "hydrate")]
pub(crate) use self::with_browser::*;

/// Leaves the page after the user has confirmed. Does nothing on the server.
#[cfg(not(feature = "hydrate"))]
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeaveGuard;

#[cfg(not(feature = "hydrate"))]
impl LeaveGuard {
    pub(crate) fn leave(self) {}
}

#[cfg(not(feature = "hydrate"))]
pub(crate) fn watch_back_button() {}

#[cfg(not(feature = "hydrate"))]
pub(crate) fn guard_leaving(
    _path: String,
    _is_guarded: impl Fn() -> bool + 'static,
    _ask: impl Fn() + 'static,
) -> LeaveGuard {
    LeaveGuard
}

#[cfg(feature = "hydrate")]
mod with_browser {
    use std::{cell::RefCell, rc::Rc};

    use leptos::{ev, prelude::*};
    use wasm_bindgen::{JsCast, JsValue, closure::Closure};
    use web_sys::{BeforeUnloadEvent, Element, Event, HtmlElement, MouseEvent};

    /// How the user leaves the page.
    #[derive(Debug, Clone)]
    enum Leaving {
        Link(HtmlElement),
        Back,
    }

    /// Leaves the page after the user has confirmed.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct LeaveGuard {
        /// The navigation that waits for the user's answer.
        leaving: StoredValue<Option<Leaving>, LocalStorage>,
        /// Whether the user has confirmed.
        confirmed: StoredValue<bool>,
    }

    impl LeaveGuard {
        /// Continues the navigation for which `ask` was called.
        pub(crate) fn leave(self) {
            let Some(leaving) = self.leaving.try_update_value(Option::take).flatten() else { return };
            self.confirmed.set_value(true);
            match leaving {
                Leaving::Link(link) => link.click(),
                Leaving::Back => {
                    let _ = window().history().and_then(|history| history.back());
                }
            }
        }
    }

    type EventHandler = Rc<dyn Fn(&Event)>;

    thread_local! {
        /// Handles the back button while a page is guarded.
        static ON_BACK: RefCell<Option<EventHandler>> = const { RefCell::new(None) };
    }

    /// Lets a guard see the back button before the router does. Browsers call the listeners of a window in
    /// the order of their registration, so this must be called before the router starts.
    pub(crate) fn watch_back_button() {
        window_event_listener(ev::popstate, |event| {
            if let Some(on_back) = ON_BACK.with_borrow(Clone::clone) {
                on_back(&event);
            }
        });
    }

    /// Guards the page at `path` until the component is removed. While `is_guarded` returns true, a link or
    /// the back button calls `ask` instead of leaving the page, and the browser asks before it closes or
    /// reloads the page.
    pub(crate) fn guard_leaving(
        path: String,
        is_guarded: impl Fn() -> bool + 'static,
        ask: impl Fn() + 'static,
    ) -> LeaveGuard {
        let guard = LeaveGuard { leaving: StoredValue::new_local(None), confirmed: StoredValue::new(false) };
        let must_ask: Rc<dyn Fn() -> bool> =
            Rc::new(move || guard.confirmed.try_get_value() == Some(false) && is_guarded());
        let ask: Rc<dyn Fn(Leaving)> = Rc::new(move |leaving| {
            guard.leaving.set_value(Some(leaving));
            ask();
        });
        Effect::new(move |_| {
            ask_on_unload(must_ask.clone());
            ask_on_link(must_ask.clone(), ask.clone());
            ask_on_back(path.clone(), must_ask.clone(), ask.clone());
        });
        guard
    }

    fn ask_on_unload(must_ask: Rc<dyn Fn() -> bool>) {
        on_window("beforeunload", move |event| {
            if must_ask() {
                event.prevent_default();
                // Older browsers ask only if the return value is not empty. They do not show the value.
                event.unchecked_ref::<BeforeUnloadEvent>().set_return_value("not saved");
            }
        });
    }

    fn ask_on_link(must_ask: Rc<dyn Fn() -> bool>, ask: Rc<dyn Fn(Leaving)>) {
        on_window("click", move |event| {
            if let Some(link) = followed_link(&event).filter(|_| must_ask()) {
                event.prevent_default();
                event.stop_propagation();
                ask(Leaving::Link(link));
            }
        });
    }

    /// The browser has already gone back, so this adds the page to the history again.
    fn ask_on_back(path: String, must_ask: Rc<dyn Fn() -> bool>, ask: Rc<dyn Fn(Leaving)>) {
        ON_BACK.set(Some(Rc::new(move |event: &Event| {
            let is_same_page = location().pathname().is_ok_and(|current| current == path);
            if is_same_page || !must_ask() {
                return;
            }
            event.stop_immediate_propagation();
            let _ = window()
                .history()
                .and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(&path)));
            ask(Leaving::Back);
        })));
        on_cleanup(|| ON_BACK.set(None));
    }

    /// The link that a click follows in this tab. A link with `data-unguarded` keeps the changes, or discards
    /// them on purpose.
    fn followed_link(event: &Event) -> Option<HtmlElement> {
        let click = event.dyn_ref::<MouseEvent>()?;
        if click.button() != 0 || click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key()
        {
            return None;
        }
        let link = event.target()?.dyn_into::<Element>().ok()?.closest("a[href]").ok()??;
        let is_unguarded = link.has_attribute("data-unguarded");
        let is_elsewhere = link.has_attribute("target") || link.has_attribute("download");
        let is_in_page = link.get_attribute("href").is_some_and(|href| href.starts_with('#'));
        if is_unguarded || is_elsewhere || is_in_page { None } else { link.dyn_into().ok() }
    }

    /// Calls `handler` before the listeners of elements and of the router, until the current owner is cleaned
    /// up.
    fn on_window(event: &'static str, handler: impl Fn(Event) + 'static) {
        let handler = Closure::<dyn Fn(Event)>::new(handler);
        let callback = handler.as_ref().unchecked_ref();
        let _ = window().add_event_listener_with_callback_and_bool(event, callback, true);
        let handler = StoredValue::new_local(handler);
        on_cleanup(move || {
            let _ = handler.try_with_value(|handler| {
                let callback = handler.as_ref().unchecked_ref();
                window().remove_event_listener_with_callback_and_bool(event, callback, true)
            });
        });
    }
}
