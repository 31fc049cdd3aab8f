use leptos::prelude::*;

/// A sample of a colour, next to its text.
#[component]
pub fn Swatch(#[prop(into)] color: Signal<String>) -> impl IntoView {
    view! {
        // The content security policy forbids inline styles.
        <svg class="swatch" aria-hidden="true" focusable="false">
            <rect width="100%" height="100%" fill=move || color.get() />
        </svg>
    }
}
