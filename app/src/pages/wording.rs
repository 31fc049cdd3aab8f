use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use crate::{
    Failure,
    ui::{ButtonLink, EmptyState, IconName, Tone},
};

/// What a page shows when it could not be read: what failed, and a way on.
#[component]
pub(super) fn FailureState(
    failure: Failure,
    /// Where this page is, to come back to.
    #[prop(into)]
    address: String,
) -> impl IntoView {
    let action = if failure.is_signed_out() {
        let next = ParamsMap::from_iter([("next", address)]).to_query_string();
        view! {
            <ButtonLink href=format!("/login{next}") attr:rel="external">
                "Sign in"
            </ButtonLink>
        }
        .into_any()
    } else {
        view! {
            <ButtonLink href=address attr:rel="external">
                "Try again"
            </ButtonLink>
        }
        .into_any()
    };
    let code = failure.code().map(|code| code.as_str()).unwrap_or("UNREACHABLE");
    view! {
        <EmptyState icon=IconName::Alert tone=Tone::Bad title=failure.sentence() sentence=failure.next_step()>
            {action}
            <code class="sub">{code}</code>
        </EmptyState>
    }
}
