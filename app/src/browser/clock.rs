#[cfg(feature = "hydrate")]
use leptos::prelude::*;

/// The time of the server's clock, in Unix milliseconds. The browser's clock may differ from it, so times
/// that the server has recorded must not be compared with the browser's clock. `None` on the server, because
/// rendered pages must not depend on the time.
pub(crate) fn now_ms() -> Option<i64> {
    #[cfg(feature = "hydrate")]
    {
        Some(js_sys::Date::now() as i64 + OFFSET.with(|offset| *offset))
    }
    #[cfg(not(feature = "hydrate"))]
    None
}

#[cfg(feature = "hydrate")]
thread_local! {
    /// The server's clock minus the browser's clock, in milliseconds. A script in the page computes the
    /// difference when the page arrives.
    static OFFSET: i64 = document()
        .document_element()
        .and_then(|root| root.get_attribute("data-clock-offset")?.parse().ok())
        .unwrap_or_default();
}

/// Calls `callback` at this interval until the component is removed.
pub(crate) fn call_every(interval: std::time::Duration, callback: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let callback = StoredValue::new_local(callback);
        Effect::new(move |_| {
            let call = move || {
                let _ = callback.try_with_value(|callback| callback());
            };
            if let Ok(handle) = set_interval_with_handle(call, interval) {
                on_cleanup(move || handle.clear());
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (interval, callback);
}

/// A date and time in the browser's time zone, such as "21 Nov 2026, 08:25:57 CET". Empty on the server.
pub(crate) fn local_time_text(ms: i64) -> String {
    #[cfg(feature = "hydrate")]
    {
        format::TIME.with(|format| format::text(ms, format))
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = ms;
        String::new()
    }
}

/// A date in the browser's time zone, such as "21 Nov 2026". Empty on the server.
pub(crate) fn local_date_text(ms: i64) -> String {
    #[cfg(feature = "hydrate")]
    {
        format::DATE.with(|format| format::text(ms, format))
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = ms;
        String::new()
    }
}

#[cfg(feature = "hydrate")]
mod format {
    use js_sys::{Array, Function, Intl::DateTimeFormat, Object, Reflect};
    use wasm_bindgen::JsValue;

    const DATE_OPTIONS: [(&str, &str); 3] = [("day", "numeric"), ("month", "short"), ("year", "numeric")];
    const CLOCK_OPTIONS: [(&str, &str); 4] =
        [("hour", "2-digit"), ("minute", "2-digit"), ("second", "2-digit"), ("timeZoneName", "short")];

    thread_local! {
        // Creating a format is slow, and a page can show dozens of dates.
        pub(super) static DATE: Function = create(&DATE_OPTIONS);
        pub(super) static TIME: Function = create(&[DATE_OPTIONS.as_slice(), &CLOCK_OPTIONS].concat());
    }

    /// A function that formats a date with these options of `Intl.DateTimeFormat`.
    fn create(options: &[(&str, &str)]) -> Function {
        let object = Object::new();
        for (name, value) in options {
            let _ = Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
        }
        DateTimeFormat::new(&Array::of1(&"en-GB".into()), &object).format()
    }

    pub(super) fn text(ms: i64, format: &Function) -> String {
        // Unix milliseconds are exact in f64.
        let text = format.call1(&JsValue::UNDEFINED, &JsValue::from_f64(ms as f64));
        text.ok().and_then(|text| text.as_string()).unwrap_or_default()
    }
}
