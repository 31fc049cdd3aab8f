use domain::{ErrorCode, history::Rollback};
use leptos::prelude::*;

use super::{
    dead_step_action::{ActionFailure, ActionState, DeadStepAction},
    live_request::LiveRequest,
    request_phase::RequestPhase,
    sentence::to_sentence,
};
use crate::{
    Failure,
    ui::{Button, ButtonKind, Note, Tone},
};

/// The status of a rollback: finished, running, or waiting to be retried after an error.
#[component]
pub(super) fn RollbackStatus(live: LiveRequest, action_state: ActionState) -> impl IntoView {
    let rollback = live.select(|record| record.rollback.clone());
    let is_finished = Memo::new(move |_| live.phase.get() == RequestPhase::RolledBack);
    move || {
        rollback.get().map(|rollback| match is_finished.get() {
            true => view! { <FinishedRollback rollback /> }.into_any(),
            false => view! { <UnfinishedRollback rollback live action_state /> }.into_any(),
        })
    }
}

#[component]
fn FinishedRollback(rollback: Rollback) -> impl IntoView {
    view! {
        <div data-testid="req-rolled-back">
            <Note tone=Tone::Neutral title="Rolled back">
                <p>
                    "The tenant and its data in external systems were removed. The slug and the e-mail are available again."
                </p>
                <Reason reason=rollback.reason />
            </Note>
        </div>
    }
}

#[component]
fn UnfinishedRollback(rollback: Rollback, live: LiveRequest, action_state: ActionState) -> impl IntoView {
    let Rollback { reason, last_error } = rollback;
    let retry = (live.may_act && last_error.is_some())
        .then(|| view! { <RetryButton reason=reason.clone() live action_state /> }.into_any());
    let (title, status) = match last_error {
        Some(error) => (
            "The rollback failed",
            format!("{} It is retried automatically every few minutes.", to_sentence(&error)),
        ),
        None => (
            "Rolling back",
            "The rollback is running. If it is interrupted, it continues automatically within a few minutes."
                .to_owned(),
        ),
    };
    // Screen readers announce the start of the rollback, and each failure.
    view! {
        <div data-testid="req-rolling-back" role="alert">
            <Note tone=Tone::Warn title>
                <p data-testid="req-rollback-error">{status}</p>
                <p>"Steps can't be retried or skipped during a rollback."</p>
                <Reason reason />
                {retry}
                <RetryFailure action_state />
            </Note>
        </div>
    }
}

#[component]
fn Reason(reason: String) -> impl IntoView {
    view! { <p data-testid="req-rollback-reason">"Reason: " <q>{reason}</q></p> }
}

/// Continues a rollback that has already begun, so the page does not ask for the slug again.
#[component]
fn RetryButton(reason: String, live: LiveRequest, action_state: ActionState) -> impl IntoView {
    let retry = move |_| {
        let slug = live.record.with_untracked(|record| record.summary.slug.clone());
        action_state.start(DeadStepAction::Rollback { slug, reason: reason.clone() });
    };
    view! {
        <div class="cluster" data-scripted="">
            <Button
                kind=ButtonKind::Primary
                on:click=retry
                pending=action_state.is_running(DeadStepAction::is_rollback)
                pending_text="Rolling back…"
                attr:data-testid="req-rollback-retry"
            >
                "Roll back now"
            </Button>
        </div>
    }
}

/// The failure of the latest retry. Omits errors of external systems, which the status already shows.
#[component]
fn RetryFailure(action_state: ActionState) -> impl IntoView {
    let is_in_status = |failure: &Failure| {
        matches!(failure.code(), Some(ErrorCode::ConnectorFailed | ErrorCode::ConnectorTimeout))
    };
    let failed = action_state.failure_of(DeadStepAction::is_rollback);
    let failure = move || failed.get().filter(|failure| !is_in_status(failure));
    move || failure().map(|failure| view! { <ActionFailure failure /> }.into_any())
}
