use leptos::prelude::*;

/// A section of the style guide.
#[component]
pub(super) fn GuideSection(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="guide-section">
            <h2>{title}</h2>
            {children()}
        </section>
    }
}
