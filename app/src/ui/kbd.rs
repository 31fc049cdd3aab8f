use leptos::prelude::*;

/// A keyboard key. Hidden from screen readers, because the control has `aria-keyshortcuts`.
#[component]
pub fn Kbd(children: Children) -> impl IntoView {
    view! {
        <kbd class="kbd" aria-hidden="true">
            {children()}
        </kbd>
    }
}
