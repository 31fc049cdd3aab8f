use domain::{
    StepState, Timestamp,
    history::{StepAttempt, StepDetail},
    pipeline::{Step, step_label},
};
use leptos::prelude::*;

use super::{
    live_request::LiveRequest,
    request_phase::RequestPhase,
    time_estimate::{elapsed_ms, estimate_remaining},
};
use crate::{
    browser::ConnectionState,
    server_fns::RequestRecord,
    ui::{Disclosure, DotState, Section, Time, Timeline, TimelineItem, duration_text, status_style},
};

/// The steps in external systems, with their durations.
#[component]
pub(super) fn Steps(live: LiveRequest) -> impl IntoView {
    let count = live.select(|record| record.steps.len());
    let all_skipped = live.select(are_all_skipped);
    let timeline = move || {
        let items = (0..count.get()).map(|index| view! { <StepItem live index /> }.into_any()).collect_view();
        let timeline = view! { <Timeline>{items}</Timeline> };
        match all_skipped.get() {
            true => view! { <Disclosure summary="Skipped steps">{timeline}</Disclosure> }.into_any(),
            false => timeline.into_any(),
        }
    };
    view! {
        <Section
            title="External systems"
            aside=move || view! { <ConnectionStatus live /> }
            attr:data-testid="req-steps"
        >
            <p class="section-lead" data-testid="req-summary">
                {move || summary_text(live)}
            </p>
            {timeline}
        </Section>
    }
}

/// Whether the page receives updates.
#[component]
fn ConnectionStatus(live: LiveRequest) -> impl IntoView {
    let connection = live.connection();
    view! {
        <span class="muted small" data-testid="req-connection">
            {move || match connection.get() {
                ConnectionState::Live => "Live",
                ConnectionState::Lost => "No connection, retrying",
                ConnectionState::Closed => "",
            }}
        </span>
    }
}

/// The state of the tenant as a sentence, with the estimated remaining time.
fn summary_text(live: LiveRequest) -> String {
    match live.phase.get() {
        RequestPhase::SettingUp => {
            let estimate = live.now.get().and_then(|now| {
                live.typical_durations.with(|durations| {
                    live.record.with(|record| estimate_remaining(&record.steps, durations, now))
                })
            });
            let estimate = estimate.map_or_else(String::new, |estimate| format!(" {}", estimate.sentence()));
            format!("The tenant is not active yet. It becomes active after the last step.{estimate}")
        }
        RequestPhase::WithoutOwner => {
            "The tenant is complete, but has no owner. It becomes active after an owner is named.".into()
        }
        RequestPhase::ActionRequired => {
            "The tenant is not active. A step failed and waits for an action.".into()
        }
        RequestPhase::RollingBack => {
            "The steps are being undone in external systems. Then the tenant is removed.".into()
        }
        RequestPhase::RolledBack => {
            "The steps were undone in external systems, then the tenant was removed.".into()
        }
        RequestPhase::Ready if live.record.with(are_all_skipped) => {
            "No external systems configured: active immediately".into()
        }
        RequestPhase::Ready => "All steps are finished, and the tenant is active.".into(),
        // A request has steps only after its tenant was created.
        RequestPhase::Processing | RequestPhase::Failed => String::new(),
    }
}

/// Whether no step ran, because the configuration includes none. A step that an admin skips has attempts.
fn are_all_skipped(record: &RequestRecord) -> bool {
    record.steps.iter().all(|step| step.state == StepState::Skipped && step.attempt_count == 0)
}

#[component]
fn StepItem(live: LiveRequest, index: usize) -> impl IntoView {
    let step = live.select(move |record| record.steps.get(index).cloned());
    let text = move |read: fn(&StepDetail) -> String| {
        Memo::new(move |_| step.with(|step| step.as_ref().map(read).unwrap_or_default()))
    };
    let live_text = move |read: fn(&StepDetail, LiveRequest) -> String| {
        Memo::new(move |_| step.with(|step| step.as_ref().map(|step| read(step, live)).unwrap_or_default()))
    };
    let name = text(|step| step.name.clone());
    let status = text(|step| step.state.as_str().to_owned());
    let dot =
        Signal::derive(move || status_style(&status.get()).map_or(DotState::Waiting, |style| style.dot));
    let title = name.with_untracked(|name| step_label(name).to_owned());
    let time = live_text(elapsed_text);
    let status_line = live_text(status_text);
    let has_attempts =
        Memo::new(move |_| step.with(|step| step.as_ref().is_some_and(|step| !step.attempts.is_empty())));
    let reference =
        Memo::new(move |_| step.with(|step| step.as_ref().and_then(|step| step.reference.clone())));
    let (before, after) =
        name.with_untracked(|name| Step::from_text(name).map(Step::reference_words)).unwrap_or_default();
    let separated_status_line = move || match status_line.get() {
        line if line.is_empty() || reference.with(Option::is_none) => line,
        line => format!(" · {line}"),
    };
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
                                {before}
                                <code data-testid="req-reference">{reference}</code>
                                {after}
                            }
                            .into_any()
                        })
                }} {separated_status_line}
            </p>
            {move || has_attempts.get().then(|| view! { <StepAttempts step /> }.into_any())}
        </TimelineItem>
    }
}

/// The duration of the latest attempt.
fn elapsed_text(step: &StepDetail, live: LiveRequest) -> String {
    let is_running = step.state == StepState::Running;
    let Some(attempt) = step.attempts.first() else { return String::new() };
    let now = if is_running { live.now.get() } else { None };
    // A running attempt shows whole seconds, because smaller units would flicker.
    match elapsed_ms(attempt, now) {
        Some(ms) if is_running => format!("{} s", (ms / 1_000.0) as u64),
        Some(ms) => duration_text(ms),
        None => String::new(),
    }
}

/// The state of a step as text.
fn status_text(step: &StepDetail, live: LiveRequest) -> String {
    let attempts = step.attempt_count;
    match step.state {
        _ if step.wait_code.is_some() => waiting_text(step, live),
        StepState::Pending => typical_duration_text(step, live),
        StepState::Running => format!("Attempt {attempts}"),
        StepState::Retrying => format!("{} · {}", attempts_text(attempts), next_retry_text(step, live)),
        StepState::Dead => format!("Failed after {}", attempts_text(attempts)),
        StepState::Succeeded if attempts > 1 => format!("Succeeded on attempt {attempts}"),
        StepState::Succeeded => String::new(),
        StepState::Skipped if attempts == 0 => skip_reason(&step.name),
        StepState::Skipped => "Skipped by an admin".into(),
        StepState::Compensated | StepState::Blocked => String::new(),
    }
}

/// A number of attempts as text.
pub(super) fn attempts_text(count: u32) -> String {
    match count {
        1 => "1 attempt".to_owned(),
        count => format!("{count} attempts"),
    }
}

fn typical_duration_text(step: &StepDetail, live: LiveRequest) -> String {
    let typical = live.typical_durations.with(|durations| {
        durations.iter().find(|typical| typical.step.as_str() == step.name).map(|typical| typical.median_ms)
    });
    typical.map_or_else(|| "Waiting for earlier steps".into(), |ms| format!("usually {}", duration_text(ms)))
}

fn next_retry_text(step: &StepDetail, live: LiveRequest) -> String {
    match step.due_at {
        Some(due) => {
            until_text(due, live).map_or_else(|| "retrying now".into(), |when| format!("retry {when}"))
        }
        None => "retrying now".into(),
    }
}

/// Why a step waits for its connector, and when one step tests the connector.
fn waiting_text(step: &StepDetail, live: LiveRequest) -> String {
    let connector = Step::from_text(&step.name).map_or("the connector", |step| step.connector().label());
    let test = match step.due_at {
        Some(due) => {
            until_text(due, live).map_or_else(|| "tested now".into(), |when| format!("next test {when}"))
        }
        None => "another step is testing it".into(),
    };
    format!("Waiting: {connector} keeps failing · {test}")
}

/// The time until `due`, such as `in 5 s` or, from two minutes on, `in 3 min`. Returns `None` if `due` has
/// passed.
fn until_text(due: Timestamp, live: LiveRequest) -> Option<String> {
    match live.now.get().map(|now| due.0 - now) {
        Some(ms) if ms > 120_000 => Some(format!("in {} min", (ms + 59_999) / 60_000)),
        Some(ms) if ms > 0 => Some(format!("in {} s", (ms + 999) / 1_000)),
        Some(_) => None,
        None => Some(format!("at {}", due.utc_text())),
    }
}

fn skip_reason(name: &str) -> String {
    match Step::from_text(name) {
        Some(Step::Finalize) | None => "Skipped, because no other step ran".into(),
        Some(step) => {
            format!(
                "{} is not configured, or the blueprint does not include this step",
                step.connector().label()
            )
        }
    }
}

/// The attempts of a step, newest first.
#[component]
fn StepAttempts(step: Memo<Option<StepDetail>>) -> impl IntoView {
    let attempts = Memo::new(move |_| {
        step.with(|step| step.as_ref().map(|step| step.attempts.clone()).unwrap_or_default())
    });
    let count = Memo::new(move |_| step.with(|step| step.as_ref().map_or(0, |step| step.attempt_count)));
    let summary = Signal::derive(move || attempts_text(count.get()));
    let is_shortened = move || count.get() > StepDetail::MAX_LISTED_ATTEMPTS;
    view! {
        <Disclosure summary attr:data-testid="req-attempts">
            <ol class="attempts">
                {move || {
                    attempts.get().into_iter().map(|attempt| view! { <AttemptItem attempt /> }).collect_view()
                }}
            </ol>
            {move || {
                is_shortened()
                    .then(|| {
                        view! {
                            <p class="muted">
                                {format!("Only the latest {} attempts are listed.", StepDetail::MAX_LISTED_ATTEMPTS)}
                            </p>
                        }
                        .into_any()
                    })
            }}
        </Disclosure>
    }
}

#[component]
fn AttemptItem(attempt: StepAttempt) -> impl IntoView {
    let duration = elapsed_ms(&attempt, None).map(|ms| format!(" · {}", duration_text(ms)));
    let outcome = match attempt.outcome.as_deref() {
        None => "running",
        Some("lost") => "worker lost",
        Some(outcome) => outcome,
    };
    let code = attempt.code.map(|code| view! { <code>{code.as_str()}</code> }.into_any());
    view! {
        <li>
            <p>
                <span class="num">{format!("#{} ", attempt.number)}</span>
                <b>{outcome.to_owned()}</b>
                " "
                {code}
                <span class="muted">" " <Time ms=attempt.started_at.0 /> {duration}</span>
            </p>
            {attempt.message.map(|message| view! { <p class="muted">{message}</p> }.into_any())}
        </li>
    }
    .into_any()
}
