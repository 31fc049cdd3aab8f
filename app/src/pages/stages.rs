use domain::stage::{Stage, StageMark};
use leptos::prelude::*;

use crate::ui::{DotState, Timeline, TimelineItem, duration_text};

/// The progress of an attempt of the core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttemptProgress {
    Running,
    Completed,
    Failed,
}

/// The ten stages of the core, with the times at which they were reached. The first stage without a mark is
/// the running or the failed one.
#[component]
pub(super) fn StageTimeline(#[prop(into)] marks: Vec<StageMark>, progress: AttemptProgress) -> impl IntoView {
    let item = move |(index, stage): (usize, Stage)| {
        let mark = marks.iter().find(|mark| mark.stage == stage);
        let (state, time) = match (mark, progress) {
            (Some(mark), _) => (DotState::Done, duration_text(mark.offset_ms)),
            (None, AttemptProgress::Running) if index == marks.len() => (DotState::Running, String::new()),
            (None, AttemptProgress::Failed) if index == marks.len() => (DotState::Failed, String::new()),
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
