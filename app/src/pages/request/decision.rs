use domain::{ErrorCode, StepState, jobs::MAX_TRIES};
use leptos::{prelude::*, task::spawn_local};

use super::{
    live::Live,
    rollback::{DIALOG, RollbackDialog},
    rollback_status::RollbackStatus,
    steps::label,
};
use crate::{
    Failure, browser,
    server_fns::{Record, retry_step, rollback, skip_step},
    ui::{Button, ButtonKind, Note, Tone, open_dialog},
};

/// A step that gave up, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
struct DeadStep {
    label: String,
    tries: u32,
    may_skip: bool,
    code: Option<ErrorCode>,
    message: Option<String>,
}

impl DeadStep {
    /// None also where it is being rolled back: nothing is to be decided then.
    fn of(record: &Record) -> Option<Self> {
        if record.rollback.is_some() {
            return None;
        }
        let step = record.steps.iter().find(|step| step.state == StepState::Dead)?;
        let attempt = step.attempts.first();
        Some(Self {
            label: label(&step.name),
            tries: step.tries,
            may_skip: step.may_skip,
            code: attempt.and_then(|attempt| attempt.code),
            message: attempt.and_then(|attempt| attempt.message.clone()),
        })
    }
}

/// What somebody may decide about a dead step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DeadStepAction {
    Retry,
    Skip,
    Rollback { reason: String },
}

/// A decision that is being carried out, or could not be.
#[derive(Debug, Clone, Copy)]
pub(super) struct ActionState {
    live: Live,
    under_way: RwSignal<Option<DeadStepAction>>,
    failed: RwSignal<Option<(DeadStepAction, Failure)>>,
}

impl ActionState {
    fn new(live: Live) -> Self {
        Self { live, under_way: RwSignal::new(None), failed: RwSignal::new(None) }
    }

    /// Carries out a decision, one at a time; the page shows what came of it.
    pub fn carry_out(self, deed: DeadStepAction) {
        if self.under_way.with_untracked(Option::is_some) {
            return;
        }
        let id = self.live.record.with_untracked(|record| record.summary.id.to_string());
        self.failed.set(None);
        self.under_way.set(Some(deed.clone()));
        spawn_local(async move {
            let answer = match deed.clone() {
                DeadStepAction::Retry => retry_step(id).await,
                DeadStepAction::Skip => skip_step(id).await,
                DeadStepAction::Rollback { reason } => rollback(id, reason).await,
            };
            if self.under_way.is_disposed() {
                return;
            }
            self.under_way.set(None);
            match answer {
                Ok(record) => {
                    self.live.put(record);
                    browser::focus("h1");
                }
                Err(failure) => self.failed.set(Some((deed, failure))),
            }
        });
    }

    /// Whether such a decision is being carried out.
    pub fn is_under_way(self, which: fn(&DeadStepAction) -> bool) -> Signal<bool> {
        Signal::derive(move || self.under_way.with(|deed| deed.as_ref().is_some_and(which)))
    }

    /// Why such a decision, the last that was tried, was not carried out.
    pub fn failure_of(self, which: fn(&DeadStepAction) -> bool) -> Signal<Option<Failure>> {
        let of_it = move |(deed, failure): &(DeadStepAction, Failure)| which(deed).then(|| failure.clone());
        Signal::derive(move || self.failed.with(|failed| failed.as_ref().and_then(of_it)))
    }

    /// Whether any is.
    pub fn is_busy(self) -> Signal<bool> {
        Signal::derive(move || self.under_way.with(Option::is_some))
    }
}

/// A dead step: what happened, and the ways on; or what came of the last one, the rollback.
#[component]
pub(super) fn Decision(live: Live) -> impl IntoView {
    let deciding = ActionState::new(live);
    let dead = live.part(DeadStep::of);
    let is_dead = Memo::new(move |_| dead.with(Option::is_some));
    let note = move || dead.get().map(|step| view! { <DeadLetter step live deciding /> }.into_any());
    // Beside the note, so that news about the step do not close it.
    let dialog = move || {
        (live.may_decide && is_dead.get()).then(|| view! { <RollbackDialog live deciding /> }.into_any())
    };
    view! {
        {note}
        {dialog}
        <RollbackStatus live deciding />
    }
}

#[component]
fn DeadLetter(step: DeadStep, live: Live, deciding: ActionState) -> impl IntoView {
    let DeadStep { label, tries, may_skip, code, message } = step;
    let after = match tries {
        0 => String::new(),
        1 => " It was tried once.".to_owned(),
        tries => format!(" It was tried {tries} of {MAX_TRIES} times."),
    };
    let cause = message
        .map(|message| as_sentence(&message))
        .or_else(|| code.map(|code| code.entry().title.to_owned()));
    let ways = match live.may_decide {
        true => view! { <Ways may_skip deciding /> }.into_any(),
        false => view! { <p>"An admin can try it again, go on without it, or roll everything back."</p> }
            .into_any(),
    };
    view! {
        <div data-testid="req-dead">
            <Note tone=Tone::Bad title=format!("“{label}” gave up")>
                <p data-testid="req-cause">
                    {cause} " " {code.map(|code| view! { <code>{code.as_str()}</code> })}
                </p>
                <p>
                    "Nothing goes on until somebody decides." {after}
                    " What was done before it stays as it is."
                </p>
                {ways}
            </Note>
        </div>
    }
}

/// A cause as it stands in the log, with a capital and a full stop. Capitals of all the world's
/// letters would be tables in the browser's download.
pub(super) fn as_sentence(cause: &str) -> String {
    let mut letters = cause.trim_end_matches('.').chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

#[component]
fn Ways(may_skip: bool, deciding: ActionState) -> impl IntoView {
    let busy = deciding.is_busy();
    let failure = deciding.failure_of(|deed| !matches!(deed, DeadStepAction::Rollback { .. }));
    let skip = may_skip.then(|| {
        view! {
            <Button
                on:click=move |_| deciding.carry_out(DeadStepAction::Skip)
                disabled=busy
                pending=deciding.is_under_way(|deed| *deed == DeadStepAction::Skip)
                pending_text="Skipping…"
                attr:data-testid="req-skip"
            >
                "Skip this step"
            </Button>
        }
        .into_any()
    });
    view! {
        <div class="cluster">
            <Button
                kind=ButtonKind::Primary
                on:click=move |_| deciding.carry_out(DeadStepAction::Retry)
                disabled=busy
                pending=deciding.is_under_way(|deed| *deed == DeadStepAction::Retry)
                pending_text="Trying again…"
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
            {move || failure.get().map(|failure| view! { <CouldNot failure /> }.into_any())}
        </div>
    }
}

/// Why a decision was not carried out.
#[component]
pub(super) fn CouldNot(failure: Failure) -> impl IntoView {
    let code = failure.code().map(|code| code.as_str()).unwrap_or("UNREACHABLE");
    view! {
        <p data-testid="req-failure">
            <b>{failure.title()}</b>
            " "
            {failure.explanation()}
            " "
            <code>{code}</code>
        </p>
    }
}
