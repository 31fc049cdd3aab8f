use domain::{
    StepState, Timestamp,
    pipeline::step_label,
    registry::{TenantPipeline, TenantStep},
};
use leptos::prelude::*;

use crate::ui::{Card, Dot, DotState, Section, StatusBadge, duration_text, status_style};

/// The steps that set the tenant up in external systems, each with its share of the whole time.
#[component]
pub(super) fn Pipeline(pipeline: Option<TenantPipeline>) -> impl IntoView {
    let (state, steps) = match pipeline {
        Some(pipeline) => (Some(pipeline.state), pipeline.steps),
        None => (None, Vec::new()),
    };
    let (skipped, shown): (Vec<_>, Vec<_>) =
        steps.into_iter().partition(|step| step.state == StepState::Skipped);
    let span = Span::of(&shown);
    let sentence = match (shown.len(), skipped.len()) {
        (0, _) => "No step in external systems was needed.".to_owned(),
        (_, 0) => String::new(),
        (_, 1) => "1 step was skipped.".to_owned(),
        (_, count) => format!("{count} steps were skipped."),
    };
    let badge = move || state.map(|state| view! { <StatusBadge status=state.as_str() /> });
    let row = move |step: TenantStep| step_row(&step, span);
    let list = (!shown.is_empty())
        .then(|| view! { <ol class="waterfall">{shown.into_iter().map(row).collect_view()}</ol> }.into_any());
    view! {
        <Card>
            <Section title="Provisioning" sentence aside=badge attr:id="pipeline">
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
