use leptos::prelude::*;

use super::{Icon, IconName};

/// Where one entry of a timeline stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DotState {
    Done,
    Running,
    #[default]
    Waiting,
    Failed,
    /// Left out: it will not run.
    Skipped,
    /// It was done, and taken back.
    Undone,
}

impl DotState {
    const fn look(self) -> (&'static str, IconName, &'static str) {
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

/// The round mark of a state. Decorative: the words beside it say the state.
#[component]
pub fn Dot(
    #[prop(into)] state: Signal<DotState>,
    /// For a page's title.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    view! {
        <span
            class="dot"
            data-state=move || state.get().look().0
            data-size=large.then_some("large")
            aria-hidden="true"
        >
            {move || view! { <Icon name=state.get().look().1 spin=state.get() == DotState::Running /> }}
        </span>
    }
}

/// What happened, in order, from top to bottom. Holds [`TimelineItem`]s.
#[component]
pub fn Timeline(
    /// Two columns where there is room: for many short entries.
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

/// One entry: a dot, a title, its own time, and details as children.
#[component]
pub fn TimelineItem(
    #[prop(into)] state: Signal<DotState>,
    #[prop(into)] title: String,
    /// The entry's own time, as text ("4.4 ms"); empty while there is none.
    #[prop(optional, into)]
    time: Signal<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <li class="timeline-item" data-state=move || state.get().look().0>
            <Dot state />
            <div>
                <div class="timeline-title">
                    <span class="visually-hidden">{move || state.get().look().2}</span>
                    {title}
                </div>
                {children
                    .map(|children| view! { <div class="timeline-detail">{children()}</div> }.into_any())}
            </div>
            <span class="timeline-time">{move || time.get()}</span>
        </li>
    }
}
