use leptos::prelude::*;

use super::{Dot, DotState};

/// The head of a page: its only `h1`, a line below and the page's actions.
#[component]
pub fn PageHead(
    #[prop(into)] title: Signal<String>,
    /// A large dot before the title, on pages that show an outcome.
    #[prop(optional, into)]
    dot: Option<Signal<DotState>>,
    /// The status badge after the title.
    #[prop(optional, into)]
    badge: ViewFn,
    /// The line below the title.
    #[prop(optional, into)]
    lead: ViewFn,
    /// The page's actions.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="page-head">
            <div>
                // A script moves the focus here when the content of the page is replaced.
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
