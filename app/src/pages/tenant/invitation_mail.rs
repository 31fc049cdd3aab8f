//! The message of the owner's invitation, and the button that sends it again.

use domain::{
    invitation::InvitationStatus,
    mail::{MailKind, MailRecord, MailStatus},
    registry::{TenantOwner, TenantRecord},
};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::{
    action_dialog::ActionFailure,
    action_state::{ActionState, TenantAction},
};
use crate::{
    part::{Loaded, Part},
    server_fns::{IssuedSecrets, resend_invitation},
    ui::{Button, Note, Time, Tone},
};

const ACTION: TenantAction = TenantAction::ResendInvitation;

/// The part that contains the code of this module.
pub(super) static INVITATION_MAIL: Part = Part { name: "tenant_actions", load: || Box::pin(load()) };

/// Whether the invitation of the owner can be sent again.
pub(super) fn may_send_again(owner: &TenantOwner) -> bool {
    owner.invitation.is_some_and(|status| status != InvitationStatus::Accepted)
}

/// The state of the latest message with the invitation, and the button.
#[wasm_split(tenant_actions, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn invitation_mail(record: TenantRecord, state: ActionState) -> Loaded<AnyView> {
    let code = record.code;
    let latest = record.messages.into_iter().find(|message| message.kind == MailKind::Invitation);
    let start = move |_| {
        let code = code.clone();
        let call = async move {
            let resent = resend_invitation(code).await;
            resent.map(|owner| IssuedSecrets { owner: Some(owner), ..IssuedSecrets::default() })
        };
        state.start(ACTION, Box::pin(call));
    };
    let view = view! {
        <div data-testid="tenant-invitation-mail">{latest.and_then(mail_state)}</div>
        <div class="cluster" data-scripted="">
            <Button
                small=true
                on:click=start
                pending=state.is_running(ACTION)
                pending_text="Sending…"
                attr:data-testid=ACTION.id()
            >
                "Send the invitation again"
            </Button>
        </div>
        <ActionFailure state action=ACTION />
    };
    Ok(view.into_any())
}

/// What happened to the message, and what to do.
fn mail_state(message: MailRecord) -> Option<AnyView> {
    let error = message.error.map(|error| format!(" Reason: {error}"));
    Some(match message.status {
        MailStatus::Sent => {
            let at = message.sent_at.unwrap_or(message.created_at);
            view! { <p>"The mail was sent " <Time ms=at.0 /> "."</p> }.into_any()
        }
        MailStatus::Pending => view! {
            <p>"The mail has been waiting for its delivery since " <Time ms=message.created_at.0 /> "." {error}</p>
        }
        .into_any(),
        MailStatus::Held => view! { <p>"The mail is sent when the tenant is active."</p> }.into_any(),
        MailStatus::Failed => view! {
            <Note tone=Tone::Bad title="The invitation could not be sent">
                <p>"Correct the address if it is wrong, then send the invitation again." {error}</p>
            </Note>
        }
        .into_any(),
        MailStatus::Unconfirmed => view! {
            <Note tone=Tone::Warn title="The invitation may have been delivered">
                <p>"Ask the owner whether the mail arrived, or send the invitation again." {error}</p>
            </Note>
        }
        .into_any(),
        // The link of the message does not work any more.
        MailStatus::Cancelled => return None,
    })
}
