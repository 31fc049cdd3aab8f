#[cfg(feature = "hydrate")]
use leptos::prelude::*;

/// The current time in Unix milliseconds. `None` on the server, because rendered pages must not depend on
/// the time.
pub(crate) fn now_ms() -> Option<i64> {
    #[cfg(feature = "hydrate")]
    {
        Some(js_sys::Date::now() as i64)
    }
    #[cfg(not(feature = "hydrate"))]
    None
}

/// Calls `callback` at this interval until the component is removed.
pub(crate) fn every(interval: std::time::Duration, callback: impl Fn() + 'static) {
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

/// A date and time in the viewer's time zone, such as "21 Nov 2026, 08:25:57 CET". Empty on the server.
pub(crate) fn local_time_text(ms: i64) -> String {
    let clock = [("hour", "2-digit"), ("minute", "2-digit"), ("second", "2-digit")];
    format_local(ms, &[DATE.as_slice(), &clock, &[("timeZoneName", "short")]].concat())
}

/// A date in the viewer's time zone, such as "21 Nov 2026". Empty on the server.
pub(crate) fn local_date_text(ms: i64) -> String {
    format_local(ms, &DATE)
}

/// The options of `Intl.DateTimeFormat` for a date.
const DATE: [(&str, &str); 3] = [("day", "numeric"), ("month", "short"), ("year", "numeric")];

/// Formats with the given options of `Intl.DateTimeFormat`, in the viewer's time zone.
#[cfg(feature = "hydrate")]
fn format_local(ms: i64, options: &[(&str, &str)]) -> String {
    use wasm_bindgen::JsValue;

    let object = js_sys::Object::new();
    for (name, value) in options {
        let _ = js_sys::Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    // Unix milliseconds are exact in f64.
    js_sys::Date::new(&JsValue::from_f64(ms as f64)).to_locale_string("en-GB", &object).into()
}

#[cfg(not(feature = "hydrate"))]
fn format_local(_ms: i64, _options: &[(&str, &str)]) -> String {
    String::new()
}
