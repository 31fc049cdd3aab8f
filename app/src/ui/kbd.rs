use leptos::prelude::*;

/// A key to press. Hidden from screen readers: the control says it with
/// `aria-keyshortcuts`.
#[component]
pub fn Kbd(children: Children) -> impl IntoView {
    view! {
        <kbd class="kbd" aria-hidden="true">
            {children()}
        </kbd>
    }
}
