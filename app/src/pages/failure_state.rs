use domain::paths;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use crate::{
    Failure,
    ui::{ButtonLink, EmptyState, IconName, Tone},
};

/// The content of a page that could not be loaded: what failed, and a link to sign in or to try again.
#[component]
pub(super) fn FailureState(
    failure: Failure,
    /// The path of the page, for the link.
    #[prop(into)]
    path: String,
) -> impl IntoView {
    let (href, label) = match failure.is_signed_out() {
        true => {
            let query = ParamsMap::from_iter([("next", path)]).to_query_string();
            (format!("{}{query}", paths::LOGIN), "Sign in")
        }
        false => (path, "Try again"),
    };
    view! {
        <EmptyState
            icon=IconName::Alert
            tone=Tone::Bad
            title=failure.detail()
            sentence=failure.next_step()
        >
            <ButtonLink href attr:rel="external">
                {label}
            </ButtonLink>
            <code class="sub">{failure.code_text()}</code>
        </EmptyState>
    }
}
