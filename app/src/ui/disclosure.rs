use leptos::prelude::*;

use super::{Icon, IconName};

/// Content that is hidden until it is opened, such as raw JSON. Works without JavaScript.
#[component]
pub fn Disclosure(
    /// The text of the toggle.
    #[prop(into)]
    summary: Signal<String>,
    /// Whether the content is visible initially.
    #[prop(optional)]
    open: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="disclosure" open=open>
            <summary>
                <Icon name=IconName::ChevronRight />
                {move || summary.get()}
            </summary>
            <div class="disclosure-body">{children()}</div>
        </details>
    }
}
