//! The notice at the top of the page of a tenant that is suspended or deleted, with the action that undoes
//! this.

use domain::{TenantStatus, Timestamp, lifecycle::restorable_until, registry::TenantRecord};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::{
    action_dialog::ActionFailure,
    action_state::{ActionState, TenantAction},
    approval::ApprovalNotice,
};
use crate::{
    page_context::PageContext,
    part::{Loaded, Part},
    server_fns::{restore_tenant, resume_tenant},
    ui::{Button, ButtonKind, Note, Time, Tone},
};

/// The part that contains the buttons of the notice.
pub(super) static NOTICE: Part = Part { name: "tenant_actions", load: || Box::pin(load()) };

/// Says what the status of a suspended or deleted tenant means. Nothing for any other tenant.
#[component]
pub(super) fn StatusNotice(record: TenantRecord, state: ActionState) -> impl IntoView {
    let may_act = expect_context::<PageContext>().may_provision;
    let action = match record.status {
        TenantStatus::Suspended => TenantAction::Resume,
        TenantStatus::Deleted => TenantAction::Restore,
        TenantStatus::PendingActivation if record.awaits_approval => {
            return view! { <ApprovalNotice record state /> }.into_any();
        }
        _ => return ().into_any(),
    };
    let suspension = record.suspended_at.zip(record.suspension_reason);
    let code = record.code;
    let button = may_act.then(|| NOTICE.view(move || Box::pin(notice_action(code.clone(), action, state))));
    let note = match record.deleted_at {
        Some(at) if record.status == TenantStatus::Deleted => view! {
            <Note tone=Tone::Bad title="This tenant is deleted">
                <p>"Its keys and its invitation do not work. " <RestorableUntil deleted_at=at /></p>
                {button}
            </Note>
        }
        .into_any(),
        _ => view! {
            <Note tone=Tone::Warn title="This tenant is suspended">
                {suspension.map(|(at, reason)| suspension_text(at, reason))}
                <p>"Its keys and its invitation do not work, and its steps wait. Nothing is deleted."</p>
                {button}
            </Note>
        }
        .into_any(),
    };
    view! { <div data-testid="tenant-notice">{note}</div> }.into_any()
}

/// When and why the tenant was suspended.
fn suspension_text(at: Timestamp, reason: String) -> AnyView {
    view! {
        <p data-testid="tenant-suspension">
            "Suspended " <Time ms=at.0 /> ". Reason: " <bdi>{reason}</bdi>
        </p>
    }
    .into_any()
}

#[component]
fn RestorableUntil(deleted_at: Timestamp) -> impl IntoView {
    let until = restorable_until(deleted_at.0);
    view! {
        "It can be restored before its purge, "
        <Time ms=until.0 event=("due ", "which has begun") />
        "."
    }
}

/// The button that resumes or restores the tenant.
#[wasm_split(tenant_actions, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
fn notice_action(code: String, action: TenantAction, state: ActionState) -> Loaded<AnyView> {
    let (label, pending_text) = match action {
        TenantAction::Restore => ("Restore tenant", "Restoring…"),
        _ => ("Resume tenant", "Resuming…"),
    };
    let start = move |_| match action {
        TenantAction::Restore => state.start(action, Box::pin(restore_tenant(code.clone()))),
        _ => state.start(action, Box::pin(resume_tenant(code.clone()))),
    };
    let view = view! {
        <p class="without-scripts">"To change the tenant, turn on JavaScript."</p>
        <div class="cluster" data-scripted="">
            <Button
                kind=ButtonKind::Primary
                on:click=start
                pending=state.is_running(action)
                pending_text
                attr:data-testid=action.id()
            >
                {label}
            </Button>
        </div>
        <ActionFailure state action />
    };
    Ok(view.into_any())
}
