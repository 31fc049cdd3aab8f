use leptos::prelude::*;

use super::Tone;

/// A bar that shows how much of a limit is used. Texts next to the bar say the same.
#[component]
pub fn Meter(
    /// The name for screen readers, such as "Users".
    label: &'static str,
    used: u64,
    limit: u64,
    #[prop(optional)] tone: Tone,
) -> impl IntoView {
    let percent = (used * 100).checked_div(limit).unwrap_or(100).min(100);
    view! {
        <div
            class="meter"
            data-tone=tone.attr()
            role="meter"
            aria-label=label
            aria-valuemin="0"
            aria-valuenow=used.min(limit).to_string()
            aria-valuemax=limit.to_string()
        >
            // The content security policy forbids inline styles.
            <svg aria-hidden="true" focusable="false">
                <rect width=format!("{percent}%") height="100%" />
            </svg>
        </div>
    }
}
