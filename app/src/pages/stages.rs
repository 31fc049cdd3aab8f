use domain::stage::{Stage, StageTime};
use leptos::prelude::*;

use crate::ui::{DotState, Timeline, TimelineItem, duration_text};

/// The progress of an attempt of the core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttemptProgress {
    Running,
    Completed,
    Failed,
}

/// The ten stages of the core, with the times at which they were reached. The first stage without a time
/// is the running or the failed one.
#[component]
pub(super) fn StageTimeline(#[prop(into)] times: Vec<StageTime>, progress: AttemptProgress) -> impl IntoView {
    let item = move |(index, stage): (usize, Stage)| {
        let reached = times.iter().find(|time| time.stage == stage);
        let (state, time) = match (reached, progress) {
            (Some(reached), _) if reached.not_applicable => (DotState::Skipped, "Not applicable".to_owned()),
            (Some(reached), _) => (DotState::Done, duration_text(reached.offset_ms)),
            (None, AttemptProgress::Running) if index == times.len() => (DotState::Running, String::new()),
            (None, AttemptProgress::Failed) if index == times.len() => (DotState::Failed, String::new()),
            (None, _) => (DotState::Waiting, String::new()),
        };
        view! {
            <TimelineItem
                state
                title=stage.label()
                time
                attr:data-testid="prov-stage"
                attr:data-stage=stage_name(stage)
                attr:title=stage.meaning()
            />
        }
    };
    let items = Stage::ALL.into_iter().enumerate().map(item).collect_view();
    view! { <Timeline two_columns=true>{items}</Timeline> }
}

fn stage_name(stage: Stage) -> String {
    stage.label().to_ascii_lowercase().replace(' ', "_")
}
