use domain::{ErrorCode, StepState, pipeline::step_label};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::{
    dead_step_action::{ActionFailure, ActionState, DeadStepAction},
    live_request::LiveRequest,
    rollback_dialog::{DIALOG, RollbackDialog},
    rollback_status::RollbackStatus,
    sentence::to_sentence,
    steps::attempts_text,
};
use crate::{
    part::{Loaded, Part},
    server_fns::RequestRecord,
    ui::{Button, ButtonKind, Note, Tone, open_dialog},
};

/// A dead step, and the cause.
#[derive(Debug, Clone, PartialEq, Eq)]
struct DeadStep {
    label: String,
    attempt_count: u32,
    may_skip: bool,
    code: Option<ErrorCode>,
    message: Option<String>,
}

impl DeadStep {
    /// Returns `None` during a rollback, because no action is available.
    fn from_record(record: &RequestRecord) -> Option<Self> {
        if record.rollback.is_some() {
            return None;
        }
        let step = record.steps.iter().find(|step| step.state == StepState::Dead)?;
        let attempt = step.attempts.first();
        Some(Self {
            label: step_label(&step.name).to_owned(),
            attempt_count: step.attempt_count,
            may_skip: step.may_skip,
            code: attempt.and_then(|attempt| attempt.code),
            message: attempt.and_then(|attempt| attempt.message.clone()),
        })
    }
}

/// The part that contains the code of this module. Only a request with a dead step or a rollback needs the
/// part.
pub(super) static DEAD_STEP: Part = Part { name: "request_dead_step", load: || Box::pin(load()) };

/// Whether the page shows [`dead_step_panel`].
pub(super) fn needs_action(record: &RequestRecord) -> bool {
    record.rollback.is_some() || record.steps.iter().any(|step| step.state == StepState::Dead)
}

/// The dead step with its actions, or the status of the rollback.
#[wasm_split(request_dead_step, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn dead_step_panel(live: LiveRequest) -> Loaded<AnyView> {
    Ok(view! { <DeadStepPanel live /> }.into_any())
}

#[component]
fn DeadStepPanel(live: LiveRequest) -> impl IntoView {
    let action_state = ActionState::new(live);
    let dead_step = live.select(DeadStep::from_record);
    let is_dead = Memo::new(move |_| dead_step.with(Option::is_some));
    let note =
        move || dead_step.get().map(|step| view! { <DeadStepNote step live action_state /> }.into_any());
    // The dialog is outside the note, so that an update of the step does not close it.
    let dialog = move || {
        (live.may_act && is_dead.get()).then(|| view! { <RollbackDialog live action_state /> }.into_any())
    };
    view! {
        {note}
        {dialog}
        <RollbackStatus live action_state />
    }
}

#[component]
fn DeadStepNote(step: DeadStep, live: LiveRequest, action_state: ActionState) -> impl IntoView {
    let DeadStep { label, attempt_count, may_skip, code, message } = step;
    let after = match attempt_count {
        0 => String::new(),
        attempt_count => format!(" after {}", attempts_text(attempt_count)),
    };
    let cause = message
        .map(|message| to_sentence(&message))
        .or_else(|| code.map(|code| code.entry().title.to_owned()));
    let actions = match live.may_act {
        true => view! { <Actions may_skip action_state /> }.into_any(),
        false => {
            view! { <p>"An admin can retry the step, skip it, or roll back the request."</p> }.into_any()
        }
    };
    view! {
        <div data-testid="req-dead">
            <Note tone=Tone::Bad title=format!("“{label}” failed{after}")>
                <p data-testid="req-cause">
                    {cause} " " {code.map(|code| view! { <code>{code.as_str()}</code> })}
                </p>
                <p>"The job waits for an action. The results of earlier steps are kept."</p>
                {actions}
            </Note>
        </div>
    }
}

#[component]
fn Actions(may_skip: bool, action_state: ActionState) -> impl IntoView {
    let busy = action_state.is_busy();
    let failure = action_state.failure_of(|action| !action.is_rollback());
    let skip = may_skip.then(|| {
        view! {
            <Button
                on:click=move |_| action_state.start(DeadStepAction::Skip)
                disabled=busy
                pending=action_state.is_running(DeadStepAction::is_skip)
                pending_text="Skipping…"
                attr:data-testid="req-skip"
            >
                "Skip this step"
            </Button>
        }
        .into_any()
    });
    view! {
        <p class="without-scripts">
            "To retry or skip the step, or to roll back the request, turn on JavaScript."
        </p>
        <div class="cluster" data-scripted="">
            <Button
                kind=ButtonKind::Primary
                on:click=move |_| action_state.start(DeadStepAction::Retry)
                disabled=busy
                pending=action_state.is_running(DeadStepAction::is_retry)
                pending_text="Retrying…"
                attr:data-testid="req-retry"
            >
                "Retry from here"
            </Button>
            {skip}
            <Button
                on:click=move |_| open_dialog(DIALOG)
                disabled=busy
                attr:data-testid="req-rollback"
                attr:aria-haspopup="dialog"
            >
                "Roll back…"
            </Button>
        </div>
        <div role="alert">
            {move || failure.get().map(|failure| view! { <ActionFailure failure /> }.into_any())}
        </div>
    }
}
