use domain::{
    StepState,
    history::{StepAttempt, StepDetail},
    jobs::MAX_TRIES,
    pipeline::Step,
};
use leptos::prelude::*;

use super::{
    live::Live,
    remaining::{elapsed_ms, remaining},
    standing::RequestPhase,
};
use crate::{
    browser::ConnectionState,
    ui::{Disclosure, DotState, Section, Time, Timeline, TimelineItem, duration_text, status_look},
};

/// The steps in outside systems, with the times that they take.
#[component]
pub(super) fn Steps(live: Live) -> impl IntoView {
    let count = live.part(|record| record.steps.len());
    let items =
        move || (0..count.get()).map(|place| view! { <StepItem live place /> }.into_any()).collect_view();
    view! {
        <Section
            title="Outside systems"
            aside=move || view! { <Following live /> }
            attr:data-testid="req-steps"
        >
            <p class="section-lead" data-testid="req-words">
                {move || words(live)}
            </p>
            <Timeline>{items}</Timeline>
        </Section>
    }
}

/// Whether the page is told what is new.
#[component]
fn Following(live: Live) -> impl IntoView {
    let contact = live.contact();
    view! {
        <span class="muted small" data-testid="req-contact">
            {move || match contact.get() {
                ConnectionState::Live => "Live",
                ConnectionState::Lost => "No connection; trying again",
                ConnectionState::Over => "",
            }}
        </span>
    }
}

/// What the steps mean for the tenant, and how long it may take.
fn words(live: Live) -> String {
    match live.standing.get() {
        RequestPhase::SettingUp => {
            let guess = live.now.get().and_then(|now| {
                live.usual.with(|usual| live.record.with(|record| remaining(&record.steps, usual, now)))
            });
            let guess = guess.map_or_else(String::new, |guess| format!(": {}", guess.words()));
            format!("The tenant is not active yet. It becomes active with the last step{guess}.")
        }
        RequestPhase::NeedsDecision => {
            "The tenant is not active. A step gave up, and nothing goes on until somebody decides.".into()
        }
        RequestPhase::RolledBack => "What was made outside was taken back, and then the tenant.".into(),
        _ if live.record.with(|record| record.steps.iter().all(|step| step.state == StepState::Skipped)) => {
            "Each step was skipped: no connector that it needs is configured.".into()
        }
        _ => "Every step has ended, and the tenant is active.".into(),
    }
}

#[component]
fn StepItem(live: Live, place: usize) -> impl IntoView {
    let step = live.part(move |record| record.steps.get(place).cloned());
    let of = move |read: fn(&StepDetail) -> String| {
        Memo::new(move |_| step.with(|step| step.as_ref().map(read).unwrap_or_default()))
    };
    let name = of(|step| step.name.clone());
    let status = of(|step| step.state.as_str().to_owned());
    let dot = Signal::derive(move || status_look(&status.get()).map_or(DotState::Waiting, |look| look.dot));
    let title = name.with_untracked(|name| label(name));
    let time = Memo::new(move |_| {
        step.with(|step| step.as_ref().map(|step| time_of(step, live)).unwrap_or_default())
    });
    let was_begun =
        Memo::new(move |_| step.with(|step| step.as_ref().is_some_and(|step| !step.attempts.is_empty())));
    let reference =
        Memo::new(move |_| step.with(|step| step.as_ref().and_then(|step| step.reference.clone())));
    let told =
        Memo::new(move |_| step.with(|step| step.as_ref().map(|step| told(step, live)).unwrap_or_default()));
    view! {
        <TimelineItem
            state=dot
            title
            time
            attr:data-testid="req-step"
            attr:data-step=name
            attr:data-status=status
        >
            <p>
                {move || {
                    reference
                        .get()
                        .map(|reference| {
                            view! {
                                <code data-testid="req-reference">{reference}</code>
                                " "
                            }
                        })
                }} {move || told.get()}
            </p>
            {move || was_begun.get().then(|| view! { <StepAttempts step /> }.into_any())}
        </TimelineItem>
    }
}

/// The words for a step's name, which may be another version's.
pub(super) fn label(name: &str) -> String {
    Step::from_text(name).map_or_else(|| name.to_owned(), |step| step.label().to_owned())
}

fn time_of(step: &StepDetail, live: Live) -> String {
    let running = step.state == StepState::Running;
    let Some(attempt) = step.attempts.first() else { return String::new() };
    let now = if running { live.now.get() } else { None };
    // What is under way counts whole seconds: more would flicker.
    match elapsed_ms(attempt, now) {
        Some(ms) if running => format!("{} s", (ms / 1_000.0) as u64),
        Some(ms) => duration_text(ms),
        None => String::new(),
    }
}

/// Where the step stands, in words.
fn told(step: &StepDetail, live: Live) -> String {
    let tries = step.tries;
    match step.state {
        StepState::Pending => usual_of(step, live),
        StepState::Running => format!("Try {tries} of {MAX_TRIES}"),
        StepState::Retrying => {
            let used = match tries {
                0 => String::new(),
                _ => format!("{tries} of {MAX_TRIES} tries used · "),
            };
            format!("{used}{}", when_next(step, live))
        }
        StepState::Dead => format!("Gave up after {tries} of {MAX_TRIES} tries"),
        StepState::Succeeded if tries > 1 => format!("on try {tries} of {MAX_TRIES}"),
        StepState::Succeeded => String::new(),
        StepState::Skipped if step.attempts.is_empty() => why_skipped(&step.name),
        StepState::Skipped => "An admin went on without it".into(),
        StepState::Compensated => String::new(),
    }
}

fn usual_of(step: &StepDetail, live: Live) -> String {
    let usual = live.usual.with(|usual| {
        usual.iter().find(|usual| usual.step.as_str() == step.name).map(|usual| usual.median_ms)
    });
    usual.map_or_else(|| "Waits for its turn".into(), |ms| format!("usually {}", duration_text(ms)))
}

fn when_next(step: &StepDetail, live: Live) -> String {
    match (step.due_at, live.now.get()) {
        (Some(due), Some(now)) if due.0 > now => format!("tried again in {} s", (due.0 - now + 999) / 1_000),
        (Some(_), Some(_)) | (None, _) => "tried again now".into(),
        (Some(due), None) => format!("tried again at {}", due.utc_text()),
    }
}

fn why_skipped(name: &str) -> String {
    match Step::from_text(name) {
        Some(Step::Finalize) | None => "There was nothing to wait for".into(),
        Some(step) => {
            format!("{} is not configured, or the blueprint does without it", step.connector().label())
        }
    }
}

/// Each time that a step was begun, newest first.
#[component]
fn StepAttempts(step: Memo<Option<StepDetail>>) -> impl IntoView {
    let attempts = Memo::new(move |_| {
        step.with(|step| step.as_ref().map(|step| step.attempts.clone()).unwrap_or_default())
    });
    let summary = Signal::derive(move || match attempts.with(Vec::len) {
        1 => "1 attempt".to_owned(),
        count => format!("{count} attempts"),
    });
    view! {
        <Disclosure summary attr:data-testid="req-attempts">
            <ol class="attempts">
                {move || {
                    attempts.get().into_iter().map(|attempt| view! { <OneAttempt attempt /> }).collect_view()
                }}
            </ol>
        </Disclosure>
    }
}

#[component]
fn OneAttempt(attempt: StepAttempt) -> impl IntoView {
    let took = elapsed_ms(&attempt, None).map(|ms| format!(" · {}", duration_text(ms)));
    let word = match attempt.outcome.as_deref() {
        None => "running",
        Some("released") => "released",
        Some("lost") => "its worker was lost",
        Some(outcome) => outcome,
    };
    let code = attempt.code.map(|code| view! { <code>{code.as_str()}</code> }.into_any());
    view! {
        <li>
            <p>
                <span class="num">{format!("#{} ", attempt.number)}</span>
                <b>{word.to_owned()}</b>
                " "
                {code}
                <span class="muted">" " <Time ms=attempt.started_at.0 /> {took}</span>
            </p>
            {attempt.message.map(|message| view! { <p class="muted">{message}</p> }.into_any())}
        </li>
    }
    .into_any()
}
