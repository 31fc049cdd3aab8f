use domain::{Problem, error::NextAction, paths};
use leptos::prelude::*;

use super::{super::state::FormState, response::is_outcome_unknown};
use crate::{
    Failure,
    ui::{Button, ButtonKind, ButtonLink, Card, DotState, Note, PageHead, Tone},
};

/// The page for a draft that was refused for a reason other than its fields, or whose outcome is unknown: the
/// reason, and buttons for the next step.
#[component]
pub(super) fn Refusal(state: FormState, failure: Failure) -> impl IntoView {
    let name = state.tenant_name();
    let (title, outcome) = match is_outcome_unknown(&failure) {
        true => (
            format!("{name}: no response yet"),
            "We don't know yet whether the tenant was created. It's safe to try again.",
        ),
        false => (format!("{name} was not created"), "Nothing was left behind."),
    };
    let draft = match state.is_draft_lost_with_tab() {
        true => "This browser can't save your draft, so keep this tab open.",
        false => "Your draft is saved.",
    };
    let problem = match failure.clone() {
        Failure::Problem(problem) => Some(*problem),
        Failure::Unreachable => None,
    };
    let reference = problem.as_ref().and_then(|problem| problem.reference).map(|reference| {
        view! { <p class="muted small">"Reference " <code>{reference.to_string()}</code></p> }.into_any()
    });
    let request_link = problem.as_ref().and_then(|problem| problem.request_id).map(|id| {
        view! {
            <a class="small" href=paths::request(id)>
                "Open this request in the history"
            </a>
        }
        .into_any()
    });
    view! {
        <PageHead title dot=DotState::Failed lead=move || format!("{outcome} {draft}") />
        <div class="columns">
            <Card attr:data-testid="prov-error">
                <div class="section stack">
                    <div role="alert">
                        <Note tone=Tone::Bad title=failure.title()>
                            <p>
                                {failure.explanation()} " "
                                <code data-testid="prov-error-code">{failure.code_text()}</code>
                            </p>
                        </Note>
                    </div>
                    <NextStep state problem />
                    {reference}
                    {request_link}
                </div>
            </Card>
        </div>
    }
}

#[component]
fn NextStep(state: FormState, problem: Option<Problem>) -> impl IntoView {
    let action = problem.as_ref().map_or(NextAction::RetrySameKey, Problem::action);
    let back_button = move || {
        view! {
            <Button on:click=move |_| state.back_to_draft() attr:data-testid="prov-back">
                "Back to the draft"
            </Button>
        }
    };
    let main = match action {
        NextAction::RetrySameKey => view! {
            <Button kind=ButtonKind::Primary on:click=move |_| state.send() attr:data-testid="prov-retry">
                "Try again with the same key"
            </Button>
        }
        .into_any(),
        NextAction::SignIn => view! {
            <ButtonLink
                kind=ButtonKind::Primary
                href=paths::sign_in(paths::PROVISION)
                attr:rel="external"
                attr:target=state.is_draft_lost_with_tab().then_some("_blank")
            >
                "Sign in"
            </ButtonLink>
        }
        .into_any(),
        NextAction::OpenRequest => {
            let id = problem.and_then(|problem| problem.request_id).unwrap_or_default();
            view! {
                <ButtonLink kind=ButtonKind::Primary href=paths::request(id)>
                    "Open that request"
                </ButtonLink>
                <Button on:click=move |_| state.renew_key()>"Use a new key"</Button>
            }
            .into_any()
        }
        NextAction::UseNewKey => view! {
            <Button kind=ButtonKind::Primary on:click=move |_| state.renew_key()>
                "Use a new key"
            </Button>
        }
        .into_any(),
        NextAction::EditDraft | NextAction::None => {
            return view! {
                <div class="cluster">
                    <Button
                        kind=ButtonKind::Primary
                        on:click=move |_| state.back_to_draft()
                        attr:data-testid="prov-back"
                    >
                        "Back to the draft"
                    </Button>
                </div>
            }
            .into_any();
        }
    };
    view! { <div class="cluster">{main} {back_button()}</div> }.into_any()
}
