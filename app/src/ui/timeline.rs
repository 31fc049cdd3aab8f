use leptos::prelude::*;

use super::{Icon, IconName};

/// The state of an entry of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DotState {
    Done,
    Running,
    #[default]
    Waiting,
    Failed,
    /// Will not run.
    Skipped,
    /// Was done, then undone.
    Undone,
}

impl DotState {
    /// The value of `data-state`, the icon, and the hidden text.
    const fn style(self) -> (&'static str, IconName, &'static str) {
        match self {
            Self::Done => ("done", IconName::Check, "Done: "),
            Self::Running => ("running", IconName::Loader, "Running: "),
            Self::Waiting => ("waiting", IconName::Waiting, "Waiting: "),
            Self::Failed => ("failed", IconName::Cross, "Failed: "),
            Self::Skipped => ("skipped", IconName::Skip, "Skipped: "),
            Self::Undone => ("undone", IconName::Undo, "Undone: "),
        }
    }
}

/// The round symbol of a state. Decorative, because hidden text describes the same state.
#[component]
pub fn Dot(
    #[prop(into)] state: Signal<DotState>,
    /// The size for a page's title.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    view! {
        <span
            class="dot"
            data-state=move || state.get().style().0
            data-size=large.then_some("large")
            aria-hidden="true"
        >
            {move || view! { <Icon name=state.get().style().1 spin=state.get() == DotState::Running /> }}
        </span>
    }
}

/// A list of events in order. Contains [`TimelineItem`]s.
#[component]
pub fn Timeline(
    /// Shows many short entries in two columns, if there is room.
    #[prop(optional)]
    two_columns: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <ol class="timeline" data-columns=two_columns.then_some("2")>
            {children()}
        </ol>
    }
}

/// One entry: a dot, a title, a time, and details as children.
#[component]
pub fn TimelineItem(
    #[prop(into)] state: Signal<DotState>,
    #[prop(into)] title: String,
    /// The time of the entry as text, such as "94 ms". Empty if not known.
    #[prop(optional, into)]
    time: Signal<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <li class="timeline-item" data-state=move || state.get().style().0>
            <Dot state />
            <div>
                <div class="timeline-title">
                    <span class="visually-hidden">{move || state.get().style().2}</span>
                    {title}
                </div>
                {children
                    .map(|children| view! { <div class="timeline-detail">{children()}</div> }.into_any())}
            </div>
            <span class="timeline-time">{move || time.get()}</span>
        </li>
    }
}
