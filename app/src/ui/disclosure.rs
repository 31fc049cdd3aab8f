use leptos::prelude::*;

use super::{Icon, IconName};

/// Something that is there when asked for (raw JSON, a trace). Works without scripting.
#[component]
pub fn Disclosure(
    /// What opens it.
    #[prop(into)]
    summary: Signal<String>,
    /// Starts open.
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
