use leptos::prelude::*;

/// A section of the style guide.
#[component]
pub(super) fn Part(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="guide-part">
            <h2>{title}</h2>
            {children()}
        </section>
    }
}
