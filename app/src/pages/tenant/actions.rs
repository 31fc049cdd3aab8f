//! The actions at the top of the page, for admins. Their code is a [`Part`], because viewers do not need it.

use domain::{TenantStatus, invitation::InvitationStatus, registry::TenantRecord};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::{
    action_dialog::{ActionDialog, ActionField, ButtonTexts, OpenDialogButton},
    action_state::{ActionState, TenantAction},
};
use crate::{
    part::{Loaded, Part},
    server_fns::{delete_tenant, suspend_tenant},
    ui::IconName,
};

/// The part that contains the code of this module.
pub(super) static ACTIONS: Part = Part { name: "tenant_actions", load: || Box::pin(load()) };

/// The buttons that suspend and delete the tenant, with their dialogs.
#[wasm_split(tenant_actions, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn tenant_actions(record: TenantRecord, state: ActionState) -> Loaded<AnyView> {
    Ok(view! { <TenantActions record state /> }.into_any())
}

#[component]
fn TenantActions(record: TenantRecord, state: ActionState) -> impl IntoView {
    let may_suspend = record.status == TenantStatus::Active;
    let may_delete = record.status.may_become(TenantStatus::Deleted);
    let suspend = may_suspend.then(|| {
        let record = record.clone();
        view! {
            <OpenDialogButton action=TenantAction::Suspend label="Suspend…" icon=IconName::Pause />
            <SuspendDialog record state />
        }
        .into_any()
    });
    let delete = may_delete.then(|| {
        view! {
            <OpenDialogButton action=TenantAction::Delete label="Delete…" icon=IconName::Trash />
            <DeleteDialog record state />
        }
        .into_any()
    });
    view! {
        <p class="without-scripts">"To change the tenant, turn on JavaScript."</p>
        <div class="cluster" data-scripted="">
            {suspend}
            {delete}
        </div>
    }
}

#[component]
fn SuspendDialog(record: TenantRecord, state: ActionState) -> impl IntoView {
    const ACTION: TenantAction = TenantAction::Suspend;
    let effects = suspension_effects(&record).into_iter();
    let effects = effects.map(|effect| view! { <li>{effect}</li> }.into_any()).collect::<Vec<_>>();
    let reason = RwSignal::new(String::new());
    let code = record.code;
    let submit = Callback::new(move |()| {
        state.start(ACTION, Box::pin(suspend_tenant(code.clone(), reason.get_untracked())));
    });
    view! {
        <ActionDialog
            state
            action=ACTION
            title=format!("Suspend {}?", record.name)
            buttons=ButtonTexts {
                cancel: "Keep active",
                confirm: "Suspend tenant",
                pending: "Suspending…",
            }
            danger=true
            submit
        >
            <p>"This takes effect immediately. Nothing is deleted, and resuming restores all of it."</p>
            <ul class="effects">{effects}</ul>
            <ActionField
                state
                action=ACTION
                id="suspend-reason"
                field="reason"
                label="Reason"
                help="Stored in the audit log and shown here, but not to the tenant."
                value=reason
            />
        </ActionDialog>
    }
}

/// What a suspension stops.
fn suspension_effects(record: &TenantRecord) -> Vec<String> {
    let keys = match record.key_count {
        0 => None,
        1 => Some("1 API key is refused.".to_owned()),
        count => Some(format!("{count} API keys are refused.")),
    };
    let invitation = record.owner.as_ref().and_then(|owner| owner.invitation);
    let invitation = (invitation == Some(InvitationStatus::Pending))
        .then(|| "The owner's invitation stops working until you resume the tenant.".to_owned());
    let steps = "Steps in external systems wait until you resume the tenant.".to_owned();
    keys.into_iter().chain(invitation).chain([steps]).collect()
}

#[component]
fn DeleteDialog(record: TenantRecord, state: ActionState) -> impl IntoView {
    const ACTION: TenantAction = TenantAction::Delete;
    let typed = RwSignal::new(String::new());
    let TenantRecord { code, slug, name, .. } = record;
    let help = format!("To confirm, enter {slug}.");
    let submit = Callback::new(move |()| {
        state.start(ACTION, Box::pin(delete_tenant(code.clone(), typed.get_untracked())));
    });
    let label = format!("Delete {name}?");
    view! {
        <ActionDialog
            state
            action=ACTION
            title=label
            buttons=ButtonTexts {
                cancel: "Keep tenant",
                confirm: "Delete tenant",
                pending: "Deleting…",
            }
            danger=true
            disabled=Signal::derive(move || typed.with(|typed| typed.trim() != slug))
            submit
        >
            <p>
                "The keys, the invitation and the steps of the tenant stop immediately. You can restore the tenant for 30 days, in which its slug stays taken. Then its data is removed permanently, here and in external systems."
            </p>
            <ActionField
                state
                action=ACTION
                id="delete-slug"
                field="slug"
                label="Slug of the tenant"
                help
                value=typed
            />
        </ActionDialog>
    }
}
