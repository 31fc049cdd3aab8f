use domain::import::{ImportState, ImportSummary};
use leptos::prelude::*;

use crate::ui::{Card, Dot, DotState, Note, Tone, counted, number_text};

/// The three steps of an import.
#[component]
pub(super) fn Steps(summary: ImportSummary) -> impl IntoView {
    let (review, import) = match (summary.dry_run, summary.state) {
        (true, ImportState::Failed) => (DotState::Failed, DotState::Waiting),
        (true, _) => (DotState::Running, DotState::Waiting),
        (false, ImportState::Failed) => (DotState::Done, DotState::Failed),
        (false, ImportState::Completed) => (DotState::Done, DotState::Done),
        (false, ImportState::Pending | ImportState::Running) => (DotState::Done, DotState::Running),
    };
    let is_reviewable = !summary.dry_run || summary.state == ImportState::Completed;
    let step = |label: &'static str, state: DotState| {
        view! {
            <li aria-current=(state == DotState::Running).then_some("step")>
                <Dot state />
                {label}
            </li>
        }
        .into_any()
    };
    view! {
        <ol class="stepper" aria-label="Steps">
            {step("Upload", DotState::Done)}
            {step(if is_reviewable { "Review the dry run" } else { "Dry run" }, review)}
            {step("Import", import)}
        </ol>
    }
}

/// How far a running import is, or why it failed.
#[component]
pub(super) fn Progress(summary: ImportSummary) -> impl IntoView {
    let ImportSummary { done, total, state, failure, .. } = summary;
    match state {
        ImportState::Completed => ().into_any(),
        ImportState::Failed => {
            let cause = failure.map(|code| code.entry().title).unwrap_or_default();
            view! {
                <div role="alert">
                    <Note tone=Tone::Bad title="The import could not be finished">
                        <p>{cause} " Upload the archive again: the tenants that exist are left unchanged."</p>
                    </Note>
                </div>
            }
            .into_any()
        }
        ImportState::Pending | ImportState::Running => view! {
            <Card>
                <div class="section" role="status" data-testid="import-progress">
                    <p>{format!("{} of {} done.", number_text(done.into()), counted(total.into(), "file"))}</p>
                    <progress max=total value=done aria-label="Progress"></progress>
                    <p class="muted small">
                        "You can close this page. The import continues, also after a restart of the server."
                    </p>
                    <noscript>"Reload the page to see the progress."</noscript>
                </div>
            </Card>
        }
        .into_any(),
    }
}
