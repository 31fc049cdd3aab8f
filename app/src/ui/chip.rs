use leptos::prelude::*;

use super::Kbd;

/// A row of [`Chip`]s, the best suggestion first.
#[component]
pub fn Chips(
    /// The name of the group for screen readers, such as "Available slugs".
    #[prop(into)]
    label: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="chips" role="group" aria-label=label>
            {children()}
        </div>
    }
}

/// A suggestion that one click applies, with `on:click`.
#[component]
pub fn Chip(
    #[prop(into)] text: String,
    /// The keyboard shortcut, such as "Alt+1".
    #[prop(optional, into)]
    keys: Option<String>,
) -> impl IntoView {
    let shown = keys.as_ref().map(|keys| keys.replace('+', " "));
    view! {
        <button type="button" class="chip" aria-keyshortcuts=keys>
            {text}
            {shown.map(|keys| view! { <Kbd>{keys}</Kbd> })}
        </button>
    }
}
