use domain::{ErrorCode, history::Rollback};
use leptos::prelude::*;

use super::{
    decision::{ActionState, CouldNot, DeadStepAction, as_sentence},
    live::Live,
    standing::RequestPhase,
};
use crate::{
    Failure,
    ui::{Button, ButtonKind, Note, Tone},
};

/// A rollback that was begun, or is done: why, and what it could not undo yet.
#[component]
pub(super) fn RollbackStatus(live: Live, deciding: ActionState) -> impl IntoView {
    let rollback = live.part(|record| record.rollback.clone());
    let is_done = Memo::new(move |_| live.standing.get() == RequestPhase::RolledBack);
    move || {
        rollback.get().map(|rollback| match is_done.get() {
            true => view! { <Done rollback /> }.into_any(),
            false => view! { <NotDone rollback may_decide=live.may_decide deciding /> }.into_any(),
        })
    }
}

#[component]
fn Done(rollback: Rollback) -> impl IntoView {
    view! {
        <div data-testid="req-rolled-back">
            <Note tone=Tone::Neutral title="Rolled back">
                <p>"What was made outside was removed; slug and e-mail were freed."</p>
                <Reason reason=rollback.reason />
            </Note>
        </div>
    }
}

#[component]
fn NotDone(rollback: Rollback, may_decide: bool, deciding: ActionState) -> impl IntoView {
    let Rollback { reason, problem } = rollback;
    let again = (may_decide && problem.is_some())
        .then(|| view! { <Again reason=reason.clone() deciding /> }.into_any());
    let so_far = match problem {
        Some(problem) => format!("{} It is tried again by itself every few minutes.", as_sentence(&problem)),
        None => "It is under way. If it is cut off, it goes on by itself within a few minutes.".to_owned(),
    };
    view! {
        <div data-testid="req-undoing">
            <Note tone=Tone::Warn title="A rollback was begun">
                <p data-testid="req-undo-problem">{so_far}</p>
                <p>"Until it is done, its steps can neither be tried again nor skipped."</p>
                <Reason reason />
                {again}
                <WhyNot deciding />
            </Note>
        </div>
    }
}

#[component]
fn Reason(reason: String) -> impl IntoView {
    view! { <p data-testid="req-undo-reason">"Reason: " <q>{reason}</q></p> }
}

#[component]
fn Again(reason: String, deciding: ActionState) -> impl IntoView {
    view! {
        <div class="cluster">
            <Button
                kind=ButtonKind::Primary
                on:click=move |_| {
                    deciding
                        .carry_out(DeadStepAction::Rollback {
                            reason: reason.clone(),
                        })
                }
                pending=deciding.is_under_way(is_roll_back)
                pending_text="Rolling back…"
                attr:data-testid="req-undo-again"
            >
                "Roll back now"
            </Button>
        </div>
    }
}

fn is_roll_back(deed: &DeadStepAction) -> bool {
    matches!(deed, DeadStepAction::Rollback { .. })
}

/// Why the last try failed, unless an outside system refused: what that said stands on record.
#[component]
fn WhyNot(deciding: ActionState) -> impl IntoView {
    let is_told = |failure: &Failure| {
        matches!(failure.code(), Some(ErrorCode::ConnectorFailed | ErrorCode::ConnectorTimeout))
    };
    let failed = deciding.failure_of(is_roll_back);
    let failure = move || failed.get().filter(|failure| !is_told(failure));
    view! { <div role="alert">{move || failure().map(|failure| view! { <CouldNot failure /> }.into_any())}</div> }
}
