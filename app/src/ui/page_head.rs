use leptos::prelude::*;

use super::{Dot, DotState};

/// The head of a page: its only `h1`, a line beneath and the actions at the right.
#[component]
pub fn PageHead(
    #[prop(into)] title: Signal<String>,
    /// A large dot before the title, on pages that are an outcome.
    #[prop(optional, into)]
    dot: Option<Signal<DotState>>,
    /// Right after the title: a status badge.
    #[prop(optional, into)]
    badge: ViewFn,
    /// The line beneath the title.
    #[prop(optional, into)]
    lead: ViewFn,
    /// The page's actions.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="page-head">
            <div>
                // A page that replaces another by script moves the focus here.
                <h1 tabindex="-1">
                    {dot.map(|state| view! { <Dot state large=true /> })}
                    <span>{move || title.get()} " " {badge.run()}</span>
                </h1>
                <p>{lead.run()}</p>
            </div>
            {children.map(|children| view! { <div class="cluster">{children()}</div> }.into_any())}
        </div>
    }
}
