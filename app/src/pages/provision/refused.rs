use domain::{Problem, error::NextAction};
use leptos::prelude::*;

use super::state::{Provisioning, is_outcome_unknown};
use crate::{
    Failure,
    ui::{Button, ButtonKind, ButtonLink, Card, Chip, Chips, DotState, Note, PageHead, Tone},
};

/// Why nothing was made, and the next step as a button.
#[component]
pub(super) fn Refused(state: Provisioning, failure: Failure) -> impl IntoView {
    let name = state.draft.with_untracked(|draft| draft.name.trim().to_owned());
    let name = if name.is_empty() { "The tenant".to_owned() } else { name };
    let (title, lead) = match is_outcome_unknown(&failure) {
        true => (
            format!("{name}: no answer yet"),
            "Whether it was made is not known here. Your draft is kept, and trying again is safe.",
        ),
        false => (format!("{name} was not made"), "Nothing was left behind. Your draft is kept."),
    };
    let code = failure.code().map(|code| code.as_str()).unwrap_or("UNREACHABLE");
    let problem = match failure.clone() {
        Failure::Problem(problem) => Some(*problem),
        Failure::Unreachable => None,
    };
    let reference = problem.as_ref().and_then(|problem| problem.reference).map(|reference| {
        view! { <p class="muted small">"Reference " <code>{reference.to_string()}</code></p> }.into_any()
    });
    let record = problem.as_ref().and_then(|problem| problem.request_id).map(|id| {
        view! {
            <a class="small" href=format!("/provisioning/{id}")>
                "Open this attempt in the history"
            </a>
        }
        .into_any()
    });
    view! {
        <PageHead title dot=DotState::Failed lead=move || lead />
        <div class="columns">
            <Card attr:data-testid="prov-error">
                <div class="section stack">
                    <div role="alert">
                        <Note tone=Tone::Bad title=failure.title()>
                            <p>
                                {failure.explanation()} " " <code data-testid="prov-error-code">{code}</code>
                            </p>
                        </Note>
                    </div>
                    <NextStep state problem />
                    {reference}
                    {record}
                </div>
            </Card>
        </div>
    }
}

#[component]
fn NextStep(state: Provisioning, problem: Option<Problem>) -> impl IntoView {
    let action = problem.as_ref().map_or(NextAction::RetrySameKey, Problem::action);
    let back = move || {
        view! {
            <Button on:click=move |_| state.back_to_draft() attr:data-testid="prov-back">
                "Back to the draft"
            </Button>
        }
    };
    let main = match action {
        NextAction::ApplySuggestion => {
            return view! {
                <TakeAnother state problem>
                    {back()}
                </TakeAnother>
            }
            .into_any();
        }
        NextAction::RetrySameKey => view! {
            <Button kind=ButtonKind::Primary on:click=move |_| state.send() attr:data-testid="prov-retry">
                "Try again with the same key"
            </Button>
        }
        .into_any(),
        NextAction::SignIn => view! {
            <ButtonLink kind=ButtonKind::Primary href="/login?next=/provision" attr:rel="external">
                "Sign in"
            </ButtonLink>
        }
        .into_any(),
        NextAction::OpenRequest => {
            let id = problem.and_then(|problem| problem.request_id).unwrap_or_default();
            view! {
                <ButtonLink kind=ButtonKind::Primary href=format!("/provisioning/{id}")>
                    "Open that request"
                </ButtonLink>
                <Button on:click=move |_| state.renew_key()>"Use a new key"</Button>
            }
            .into_any()
        }
        NextAction::StartOver => view! {
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
    view! { <div class="cluster">{main} {back()}</div> }.into_any()
}

/// The slug is gone: one press takes the best free one and tries again.
#[component]
fn TakeAnother(state: Provisioning, problem: Option<Problem>, children: Children) -> impl IntoView {
    let mut free = problem.map(|problem| problem.suggestions).unwrap_or_default().into_iter();
    let best = free.next().map(|slug| {
        let words = format!("Use {slug} and try again");
        let apply = move |_| {
            state.apply_slug(&slug);
            state.send();
        };
        view! {
            <Button kind=ButtonKind::Primary on:click=apply attr:data-testid="prov-apply-suggestion">
                {words.clone()}
            </Button>
        }
    });
    let chip = move |slug: domain::slug::Slug| {
        let text = slug.to_string();
        let apply = move |_| {
            state.apply_slug(&slug);
            state.send();
        };
        view! { <Chip text on:click=apply attr:data-testid="prov-slug-suggestion" /> }
    };
    view! {
        <div class="cluster">{best} {children()}</div>
        <p class="muted small">"Or take one of these:"</p>
        <Chips label="Other free slugs">{free.map(chip).collect_view()}</Chips>
    }
}
