//! Names the owner of a tenant, transfers the ownership, or changes the account of the owner.

use domain::{TenantStatus, registry::TenantRecord};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::{
    action_dialog::{ActionDialog, ActionField, ButtonTexts, OpenDialogButton},
    action_state::{ActionState, TenantAction},
    owner_account_dialog::owner_account_dialog,
};
use crate::{
    part::{Loaded, Part},
    server_fns::set_owner,
    ui::{Button, IconName},
};

const ACTION: TenantAction = TenantAction::SetOwner;

/// The part that contains the code of this module.
pub(super) static OWNER_ACTION: Part = Part { name: "tenant_actions", load: || Box::pin(load()) };

/// Whether the owner of the tenant can be named or changed. The steps of a tenant run with its owner.
pub(super) fn may_change_owner(record: &TenantRecord) -> bool {
    match record.status {
        TenantStatus::Deleted | TenantStatus::Provisioning => false,
        TenantStatus::PendingActivation => record.owner.is_none(),
        _ => true,
    }
}

/// The buttons that open the dialogs, and the dialogs.
#[wasm_split(tenant_actions, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn owner_action(record: TenantRecord, state: ActionState) -> Loaded<AnyView> {
    let label = if record.owner.is_some() { "Transfer ownership…" } else { "Name an owner…" };
    let change = record.owner.is_some().then(|| {
        view! {
            <OpenDialogButton
                action=TenantAction::ChangeOwnerAccount
                label="Change address…"
                icon=IconName::Edit
                small=true
            />
        }
        .into_any()
    });
    let account = owner_account_dialog(&record, state);
    let view = view! {
        <div class="cluster" data-scripted="">
            <OpenDialogButton action=ACTION label icon=IconName::Mail small=true />
            {change}
        </div>
        <OwnerDialog record state />
        {account}
    };
    Ok(view.into_any())
}

#[component]
fn OwnerDialog(record: TenantRecord, state: ActionState) -> impl IntoView {
    let (name, email) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let code = record.code;
    let start = move |use_existing_account: bool| {
        let (name, email) = (name.get_untracked(), email.get_untracked());
        state.start(ACTION, Box::pin(set_owner(code.clone(), name, email, use_existing_account)));
    };
    let use_existing = start.clone();
    let may_use_existing = state.may_use_existing_account();
    let offer = move || {
        let use_existing = use_existing.clone();
        may_use_existing.get().then(|| {
            view! {
                <div class="cluster">
                    <Button
                        on:click=move |_| use_existing(true)
                        attr:data-testid="tenant-owner-use-existing"
                    >
                        "Use the existing account"
                    </Button>
                </div>
            }
            .into_any()
        })
    };
    let (title, text, confirm) = match record.owner {
        None => (
            format!("Name the owner of {}", record.name),
            "The tenant becomes active when its steps have run. The owner gets an invitation by mail.",
            "Name owner",
        ),
        Some(_) => (
            format!("Transfer {}?", record.name),
            "The current owner becomes a member, or loses access if the invitation was never accepted.",
            "Transfer ownership",
        ),
    };
    view! {
        <ActionDialog
            state
            action=ACTION
            title
            buttons=ButtonTexts {
                cancel: "Cancel",
                confirm,
                pending: "Saving…",
            }
            submit=Callback::new(move |()| start(false))
        >
            <p>{text}</p>
            <ActionField
                state
                action=ACTION
                id="owner-name"
                field="name"
                label="Owner's name"
                value=name
            />
            <ActionField
                state
                action=ACTION
                id="owner-email"
                field="email"
                label="Owner's e-mail"
                kind="email"
                value=email
            />
            {offer}
        </ActionDialog>
    }
}
