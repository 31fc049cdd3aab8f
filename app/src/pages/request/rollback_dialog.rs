use domain::rollback::RollbackConfirmation;
use leptos::{ev, prelude::*};

use super::{
    dead_step_action::{ActionFailure, ActionState, DeadStepAction},
    live_request::LiveRequest,
    rollback_effects::{RollbackEffect, rollback_effects},
};
use crate::{
    browser,
    ui::{Button, ButtonKind, Dialog, DialogActions, Field, FieldStatus, close_dialog, described_by},
};

/// The dialog's ID.
pub(super) const DIALOG: &str = "rollback";
const SLUG_ID: &str = "rollback-slug";
const REASON_ID: &str = "rollback-reason";

/// Lists the effects of a rollback, and asks the admin for the slug of the tenant and a reason.
#[component]
pub(super) fn RollbackDialog(live: LiveRequest, action_state: ActionState) -> impl IntoView {
    let (name, slug) = live.record.with_untracked(|record| {
        let summary = &record.summary;
        (summary.name.clone(), summary.slug.clone())
    });
    let effects = live.select(rollback_effects);
    let item = |effect: RollbackEffect| {
        let reference = effect.reference.map(|reference| view! { <code>{reference}</code> });
        view! { <li>{effect.text} " " {reference}</li> }.into_any()
    };
    let failure = action_state.failure_of(DeadStepAction::is_rollback);
    let status = RwSignal::new(FieldStatus::Empty);
    let is_confirmed = RwSignal::new(false);
    let help = format!("To confirm, enter {slug}.");
    let compare_slug = move |event| is_confirmed.set(event_target_value(&event).trim() == slug);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let (slug, reason) = (browser::input_value(SLUG_ID), browser::input_value(REASON_ID));
        match RollbackConfirmation::parse(&slug, &reason) {
            Ok(_) => action_state.start(DeadStepAction::Rollback { slug, reason }),
            Err(problems) => {
                let message = problems.into_iter().next().map(|problem| problem.message);
                status.set(FieldStatus::Invalid(message.unwrap_or_default()));
                browser::focus("#rollback-reason");
            }
        }
    };
    let label = format!("Roll back {name}");
    view! {
        <Dialog id=DIALOG title=format!("{label}?") attr:data-testid="rollback-dialog">
            <form class="stack" novalidate on:submit=submit>
                <p>"A rollback does this, in order:"</p>
                <ol class="rollback-effects" data-testid="rollback-list">
                    {move || effects.get().into_iter().map(item).collect_view()}
                </ol>
                <p>"You can't cancel or undo a rollback. The reason is stored with the request."</p>
                <Field id=SLUG_ID label="Slug of the tenant" help>
                    <input
                        class="input"
                        id=SLUG_ID
                        type="text"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        on:input=compare_slug
                        aria-describedby=described_by(SLUG_ID)
                        data-testid="rollback-slug"
                    />
                </Field>
                <Field id=REASON_ID label="Reason" status=status>
                    <input
                        class="input"
                        id=REASON_ID
                        type="text"
                        autocomplete="off"
                        on:input=move |_| status.set(FieldStatus::Empty)
                        aria-describedby=described_by(REASON_ID)
                        aria-invalid=move || status.with(FieldStatus::aria_invalid)
                    />
                </Field>
                <div role="alert">
                    {move || failure.get().map(|failure| view! { <ActionFailure failure /> }.into_any())}
                </div>
                <DialogActions>
                    <Button on:click=|_| close_dialog(DIALOG)>"Keep tenant"</Button>
                    <Button
                        kind=ButtonKind::Danger
                        submit=true
                        disabled=Signal::derive(move || !is_confirmed.get())
                        pending=action_state.is_running(DeadStepAction::is_rollback)
                        pending_text="Rolling back…"
                        attr:data-testid="rollback-confirm"
                    >
                        {label.clone()}
                    </Button>
                </DialogActions>
            </form>
        </Dialog>
    }
}
