//! The notice at the top of the page of a tenant from a sign-up that waits for approval, with the actions
//! that approve and decline it.

use domain::{paths, registry::TenantRecord};
use leptos::{prelude::*, wasm_split::wasm_split};
use leptos_router::hooks::use_navigate;

use super::{
    action_dialog::{ActionDialog, ActionFailure, ActionField, ButtonTexts, OpenDialogButton},
    action_state::{ActionState, TenantAction},
};
use crate::{
    page_context::PageContext,
    part::{Loaded, Part},
    server_fns::{approve_tenant, decline_tenant},
    ui::{Button, ButtonKind, IconName, Note, Tone},
};

/// The part that contains the buttons.
pub(super) static APPROVAL: Part = Part { name: "tenant_actions", load: || Box::pin(load()) };

#[component]
pub(super) fn ApprovalNotice(record: TenantRecord, state: ActionState) -> impl IntoView {
    let may_act = expect_context::<PageContext>().may_provision;
    let actions = may_act.then(|| APPROVAL.view(move || Box::pin(approval_actions(record.clone(), state))));
    view! {
        <div data-testid="tenant-notice">
            <Note tone=Tone::Warn title="This tenant waits for approval">
                <p>"It comes from a sign-up. Its steps begin, and its keys work, when it is approved."</p>
                {actions}
            </Note>
        </div>
    }
}

/// The buttons that approve and decline the tenant.
#[wasm_split(tenant_actions, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
fn approval_actions(record: TenantRecord, state: ActionState) -> Loaded<AnyView> {
    let code = record.code.clone();
    let approve = move |_| state.start(TenantAction::Approve, Box::pin(approve_tenant(code.clone())));
    let view = view! {
        <p class="without-scripts">"To change the tenant, turn on JavaScript."</p>
        <div class="cluster" data-scripted="">
            <Button
                kind=ButtonKind::Primary
                on:click=approve
                pending=state.is_running(TenantAction::Approve)
                pending_text="Approving…"
                attr:data-testid=TenantAction::Approve.id()
            >
                "Approve"
            </Button>
            <OpenDialogButton action=TenantAction::Decline label="Decline…" icon=IconName::Cross />
        </div>
        <ActionFailure state action=TenantAction::Approve />
        <DeclineDialog record state />
    };
    Ok(view.into_any())
}

#[component]
fn DeclineDialog(record: TenantRecord, state: ActionState) -> impl IntoView {
    const ACTION: TenantAction = TenantAction::Decline;
    let reason = RwSignal::new(String::new());
    let navigate = use_navigate();
    let TenantRecord { code, name, owner, .. } = record;
    let address = owner.map(|owner| owner.email).unwrap_or_default();
    let submit = Callback::new(move |()| {
        let call = decline_tenant(code.clone(), reason.get_untracked());
        let navigate = navigate.clone();
        state.start_and_leave(ACTION, Box::pin(call), move || navigate(paths::TENANTS, Default::default()));
    });
    view! {
        <ActionDialog
            state
            action=ACTION
            title=format!("Decline {name}?")
            buttons=ButtonTexts {
                cancel: "Keep waiting",
                confirm: "Decline sign-up",
                pending: "Declining…",
            }
            danger=true
            submit
        >
            <p>
                "The tenant is deleted, and the account of its owner, unless it has another tenant. This cannot be undone."
            </p>
            <p>"We tell " <b class="breakable">{address}</b> " that the sign-up was declined, but not why."</p>
            <ActionField
                state
                action=ACTION
                id="decline-reason"
                field="reason"
                label="Reason"
                help="Stored in the audit log, and not sent to the person."
                value=reason
            />
        </ActionDialog>
    }
}
