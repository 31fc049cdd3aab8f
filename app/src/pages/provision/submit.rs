//! The submit: validates and sends the draft, watches the request if the response does not arrive, and shows
//! the progress, the refusal or the tenant. This code is a [`Part`] of the page. The browser downloads the
//! part when a control gets the focus, or when the stored draft contains input.

mod field_problems;
mod outcome;
mod progress;
mod refusal;
mod response;
mod unanswered;

use domain::RequestStatus;
use leptos::{prelude::*, task::spawn_local, wasm_split::wasm_split};

use self::{
    field_problems::FieldProblems,
    outcome::{PostedOutcome, PostedRefusal, SubmittedInOtherTab},
    progress::SubmitProgress,
    refusal::Refusal,
    unanswered::UnansweredDraft,
};
use super::state::{FormPhase, FormState};
use crate::{
    Failure,
    part::{Loaded, Part},
    server_fns::{self, RequestRecord},
    ui::{Button, Note},
};

/// The part that contains the code of this module.
pub(super) static SUBMIT: Part = Part { name: "provision_submit", load: || Box::pin(load()) };

/// The views of this part.
#[derive(Debug, Clone)]
pub(super) enum SubmitView {
    /// The content of a phase. Empty for [`FormPhase::Editing`], whose content is the form itself.
    Phase(FormPhase),
    /// The refusal of a draft that was posted without JavaScript, for a reason other than its fields.
    PostedRefusal(Failure),
    /// The list of fields to fix, above the form.
    FieldProblems,
    /// The offer to restore the draft that "Start over" has discarded or a reopened draft has replaced.
    DiscardedNote,
}

/// Shows a view of this part.
pub(super) fn submit_view(state: FormState, view: SubmitView) -> AnyView {
    SUBMIT.view(move || Box::pin(show(state, view.clone())))
}

#[wasm_split(provision_submit, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
fn show(state: FormState, view: SubmitView) -> Loaded<AnyView> {
    Ok(match view {
        SubmitView::Phase(phase) => phase_view(state, phase),
        SubmitView::PostedRefusal(failure) => view! { <PostedRefusal failure /> }.into_any(),
        SubmitView::FieldProblems => view! { <FieldProblems state /> }.into_any(),
        SubmitView::DiscardedNote => view! { <DiscardedNote state /> }.into_any(),
    })
}

fn phase_view(state: FormState, phase: FormPhase) -> AnyView {
    match phase {
        FormPhase::Editing => ().into_any(),
        FormPhase::Submitting(times) => view! { <SubmitProgress state times /> }.into_any(),
        FormPhase::Refused(failure) => view! { <Refusal state failure /> }.into_any(),
        FormPhase::Unanswered(stored) => view! { <UnansweredDraft state stored=*stored /> }.into_any(),
        FormPhase::Provisioned(json) => view! { <PostedOutcome json /> }.into_any(),
        FormPhase::SubmittedInOtherTab { id, name } => {
            view! { <SubmittedInOtherTab state name id /> }.into_any()
        }
    }
}

#[component]
fn DiscardedNote(state: FormState) -> impl IntoView {
    view! {
        <Note title="Your previous draft was discarded.">
            <Button small=true on:click=move |_| state.undo_discard() attr:data-testid="prov-undo-discard">
                "Undo"
            </Button>
        </Note>
    }
}

/// Validates the draft with the same code as the server, then sends it.
#[wasm_split(provision_submit, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(super) fn submit(state: FormState) -> Loaded<()> {
    match state.phase.try_get_untracked() {
        None | Some(FormPhase::Submitting(_)) => {}
        _ => state.validate_and_send(),
    }
    Ok(())
}

/// Watches a submitted draft after a reload, until its outcome is known.
#[wasm_split(provision_submit, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(super) fn watch(state: FormState, key: String) -> Loaded<()> {
    if !state.phase.is_disposed() {
        state.watch_until_known(key, Failure::Unreachable);
    }
    Ok(())
}

/// Shows the tenant instead of the form if this key has already created one.
#[wasm_split(provision_submit, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(super) fn find_outcome(state: FormState, key: String) -> Loaded<()> {
    spawn_local(async move {
        let completed = find_completed(key).await.filter(|_| !state.phase.is_disposed());
        completed.map(|record| state.apply_record(record));
    });
    Ok(())
}

/// Called after another tab has deleted the draft or replaced its key. If this tab's key has created a
/// tenant, shows that the draft was submitted in another tab. Otherwise continues with the draft of that tab.
#[wasm_split(provision_submit, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(super) fn follow_other_tab(state: FormState) -> Loaded<()> {
    spawn_local(async move {
        let Some(key) = state.key.try_get_untracked() else { return };
        let completed = find_completed(key.clone()).await;
        let is_unchanged = state.key.try_get_untracked() == Some(key)
            && state.phase.try_get_untracked() == Some(FormPhase::Editing);
        if !is_unchanged {
            return;
        }
        if let Some(RequestRecord { summary, .. }) = completed {
            let id = summary.id.to_string();
            state.phase.set(FormPhase::SubmittedInOtherTab { id, name: summary.name });
        } else if let Some(stored) = state.drafts().load().filter(|stored| !stored.submitted) {
            // Loaded only now, because the other tab may have changed the draft during the lookup.
            state.adopt(stored);
        }
    });
    Ok(())
}

/// The completed request with this key, if any.
async fn find_completed(key: String) -> Option<RequestRecord> {
    let record = server_fns::find_by_key(key).await.ok().flatten();
    record.filter(|record| record.summary.status == RequestStatus::Completed)
}
