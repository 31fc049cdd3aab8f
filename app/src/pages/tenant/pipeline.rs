use domain::{
    StepState, Timestamp,
    pipeline::step_label,
    registry::{LifecycleJob, TenantPipeline, TenantStep},
};
use leptos::{prelude::*, wasm_split::wasm_split};

use crate::{
    part::{Loaded, Part},
    ui::{Card, Dot, DotState, Section, StatusBadge, duration_text, status_style},
};

/// The part that contains the code of this module.
pub(super) static PIPELINE: Part = Part { name: "tenant_details", load: || Box::pin(load()) };

/// The steps that set the tenant up in external systems, and those of the latest change of its status.
#[wasm_split(tenant_details, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn pipeline(
    pipeline: Option<TenantPipeline>,
    lifecycle_job: Option<LifecycleJob>,
) -> Loaded<AnyView> {
    Ok(view! { <Pipeline pipeline lifecycle_job /> }.into_any())
}

#[component]
fn Pipeline(pipeline: Option<TenantPipeline>, lifecycle_job: Option<LifecycleJob>) -> impl IntoView {
    let (state, steps) = match pipeline {
        Some(pipeline) => (Some(pipeline.state), pipeline.steps),
        None => (None, Vec::new()),
    };
    let sentence = (steps.iter().all(|step| step.state == StepState::Skipped))
        .then_some("No step in external systems was needed.");
    let later = lifecycle_job.map(|job| {
        let sentence = lifecycle_sentence(&job);
        view! {
            <JobSteps
                title="Status in external systems"
                id="lifecycle-job"
                sentence
                state=Some(job.state)
                steps=job.steps
            />
        }
    });
    view! {
        <JobSteps title="Provisioning" id="pipeline" sentence state steps />
        {later}
    }
}

/// What the job changes, by its kind.
fn lifecycle_sentence(job: &LifecycleJob) -> Option<&'static str> {
    Some(match job.kind.as_str() {
        "suspend" => "The tenant was suspended.",
        "resume" => "The tenant was resumed.",
        "delete" => "The tenant was deleted.",
        "restore" => "The tenant was restored.",
        "purge" => "The tenant is being purged.",
        _ => return None,
    })
}

/// The steps of a job, each with its share of the whole time. `sentence` comes before the number of skipped
/// steps.
#[component]
fn JobSteps(
    title: &'static str,
    id: &'static str,
    sentence: Option<&'static str>,
    state: Option<StepState>,
    steps: Vec<TenantStep>,
) -> impl IntoView {
    let (skipped, shown): (Vec<_>, Vec<_>) =
        steps.into_iter().partition(|step| step.state == StepState::Skipped);
    let span = Span::of(&shown);
    let count = match (shown.len(), skipped.len()) {
        (0, _) | (_, 0) => String::new(),
        (_, 1) => "1 step was skipped.".to_owned(),
        (_, count) => format!("{count} steps were skipped."),
    };
    let sentence = format!("{} {count}", sentence.unwrap_or_default()).trim().to_owned();
    let badge = move || state.map(|state| view! { <StatusBadge status=state.as_str() /> });
    let row = move |step: TenantStep| step_row(&step, span);
    let list = (!shown.is_empty())
        .then(|| view! { <ol class="waterfall">{shown.into_iter().map(row).collect_view()}</ol> }.into_any());
    view! {
        <Card>
            <Section title sentence aside=badge attr:id=id>
                {list}
            </Section>
        </Card>
    }
}

fn step_row(step: &TenantStep, span: Option<Span>) -> AnyView {
    let dot = status_style(step.state.as_str()).map_or(DotState::Waiting, |style| style.dot);
    let times = step.started_at.zip(step.finished_at);
    let bar = times.zip(span).map(|((started, finished), span)| {
        let (start, width) = (span.percent(started), span.percent(finished) - span.percent(started));
        view! {
            <svg class="track" aria-hidden="true" focusable="false">
                <rect x=format!("{start}%") width=format!("{}%", width.max(1)) height="100%" />
            </svg>
        }
        .into_any()
    });
    let text = match (times, status_style(step.state.as_str())) {
        (Some((started, finished)), _) => duration_text((finished.0 - started.0) as f64),
        (None, Some(style)) => style.label.to_owned(),
        (None, None) => String::new(),
    };
    view! {
        <li>
            <Dot state=dot />
            <span>{step_label(&step.name).to_owned()}</span>
            <span>{bar}</span>
            <span class="num muted">{text}</span>
        </li>
    }
    .into_any()
}

/// The time from the start of the first step to the end of the last one.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: i64,
    ms: i64,
}

impl Span {
    fn of(steps: &[TenantStep]) -> Option<Self> {
        let start = steps.iter().filter_map(|step| step.started_at).map(|at| at.0).min()?;
        let end = steps.iter().filter_map(|step| step.finished_at).map(|at| at.0).max()?;
        Some(Self { start, ms: (end - start).max(1) })
    }

    /// The position of a time in the span, in percent.
    fn percent(self, at: Timestamp) -> i64 {
        ((at.0 - self.start) * 100 / self.ms).clamp(0, 100)
    }
}
