use domain::{StepState, field, history::StepDetail, pipeline::Step};
use leptos::{ev, prelude::*};

use super::{
    decision::{ActionState, CouldNot, DeadStepAction},
    live::Live,
    steps::label,
};
use crate::{
    browser,
    server_fns::Record,
    ui::{Button, ButtonKind, Dialog, DialogActions, Field, FieldStatus, close_dialog, described_by},
};

/// The dialog's id.
pub(super) const DIALOG: &str = "rollback";
const REASON: &str = "rollback-reason";
/// As the server limits it.
const MAX_REASON: usize = 500;

/// Something that a rollback undoes: words, and how it is called outside.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RollbackEffect {
    words: String,
    reference: Option<String>,
}

/// All that a rollback undoes, in the order in which it does.
fn rollback_effects(record: &Record) -> Vec<RollbackEffect> {
    let outside = record.steps.iter().rev().filter_map(rollback_effect_of);
    let summary = &record.summary;
    let named = |words: &str, reference: &str| RollbackEffect {
        words: words.to_owned(),
        reference: Some(reference.to_owned()),
    };
    let inside = [
        named(
            &format!("Removes the tenant {}", summary.name),
            summary.tenant_code.as_deref().unwrap_or_default(),
        ),
        named("Removes its owner’s account, if this request made it:", &summary.owner_email),
        named("Makes the e-mail free again, and the slug", &summary.slug),
    ];
    outside.chain(inside).collect()
}

fn rollback_effect_of(step: &StepDetail) -> Option<RollbackEffect> {
    let known = Step::from_text(&step.name);
    let words = match (step.state, known) {
        (StepState::Dead, _) => format!("Removes what “{}” may have left", label(&step.name)),
        (StepState::Succeeded, Some(Step::CopyDatabase)) => "Drops the database".into(),
        (StepState::Succeeded, Some(Step::SignInToOdoo)) => "Leaves Odoo 18, signed in as".into(),
        (StepState::Succeeded, Some(Step::SetAdminUser)) => "Takes back the admin user in Odoo 18,".into(),
        (StepState::Succeeded, Some(Step::UpsertTenant)) => "Removes the tenant from Odoo 19,".into(),
        (StepState::Succeeded, Some(Step::UpsertTenantUser)) => {
            "Removes the tenant’s user from Odoo 19,".into()
        }
        (StepState::Succeeded, Some(Step::UpsertBridgeMetadata)) => {
            "Removes the entry in the metadata bridge,".into()
        }
        (StepState::Succeeded, _) => format!("Undoes “{}”", label(&step.name)),
        _ => return None,
    };
    Some(RollbackEffect { words, reference: step.reference.clone() })
}

/// Asks for the reason of a rollback, after it said what that will undo.
#[component]
pub(super) fn RollbackDialog(live: Live, deciding: ActionState) -> impl IntoView {
    let name = live.record.with_untracked(|record| record.summary.name.clone());
    let rollback_effects = live.part(rollback_effects);
    let item = |effect: RollbackEffect| {
        let reference = effect.reference.map(|reference| view! { <code>{reference}</code> });
        view! { <li>{effect.words} " " {reference}</li> }.into_any()
    };
    let failure = deciding.failure_of(|deed| matches!(deed, DeadStepAction::Rollback { .. }));
    let reason = RwSignal::new(String::new());
    let status = RwSignal::new(FieldStatus::Empty);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        match field::line("reason", "the reason", &reason.get_untracked(), MAX_REASON) {
            Ok(reason) => deciding.carry_out(DeadStepAction::Rollback { reason }),
            Err(problem) => {
                status.set(FieldStatus::Invalid(problem.message));
                browser::focus("#rollback-reason");
            }
        }
    };
    let words = format!("Roll back {name}");
    view! {
        <Dialog id=DIALOG title=format!("{words}?") attr:data-testid="rollback-dialog">
            <form class="stack" novalidate on:submit=submit>
                <p>"This undoes, in this order:"</p>
                <ol class="rollback_effects" data-testid="rollback-list">
                    {move || rollback_effects.get().into_iter().map(item).collect_view()}
                </ol>
                <p>"It cannot be undone itself. The reason is kept with the request."</p>
                <Field id=REASON label="Reason" status=status>
                    <input
                        class="input"
                        id=REASON
                        type="text"
                        autocomplete="off"
                        prop:value=reason
                        on:input=move |event| {
                            reason.set(event_target_value(&event));
                            status.set(FieldStatus::Empty);
                        }
                        aria-describedby=described_by(REASON)
                        aria-invalid=move || status.with(FieldStatus::invalid)
                    />
                </Field>
                <div role="alert">
                    {move || failure.get().map(|failure| view! { <CouldNot failure /> }.into_any())}
                </div>
                <DialogActions>
                    <Button on:click=|_| close_dialog(DIALOG)>"Keep it"</Button>
                    <Button
                        kind=ButtonKind::Danger
                        submit=true
                        pending=deciding.is_under_way(|deed| matches!(deed, DeadStepAction::Rollback { .. }))
                        pending_text="Rolling back…"
                        attr:data-testid="rollback-confirm"
                    >
                        {words.clone()}
                    </Button>
                </DialogActions>
            </form>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(step: Step, state: StepState, reference: Option<&str>) -> StepDetail {
        StepDetail {
            name: step.as_str().to_owned(),
            state,
            tries: 1,
            due_at: None,
            reference: reference.map(str::to_owned),
            may_skip: false,
            attempts: Vec::new(),
        }
    }

    #[test]
    fn the_last_effect_is_undone_first_and_what_was_skipped_or_waits_is_not() {
        let steps = [
            step(Step::CopyDatabase, StepState::Succeeded, Some("ten-00000001")),
            step(Step::SignInToOdoo, StepState::Skipped, None),
            step(Step::UpsertTenant, StepState::Succeeded, Some("17")),
            step(Step::UpsertBridgeMetadata, StepState::Dead, None),
            step(Step::Finalize, StepState::Pending, None),
        ];
        let undone: Vec<_> = steps.iter().rev().filter_map(rollback_effect_of).collect();
        let references: Vec<_> = undone.iter().map(|effect| effect.reference.as_deref()).collect();
        assert_eq!(references, [None, Some("17"), Some("ten-00000001")]);
        assert!(undone[0].words.contains("Update the metadata bridge"));
    }
}
