//! Mail to the person whose sign-up an admin approves or declines.

use domain::{lifecycle::OwnerAccount, mail::MailContent};

use super::change::Change;
use crate::{
    Error,
    mail::{NewMessage, enqueue},
};

/// Enqueues the mail that tells the owner of the approval. It waits until the tenant is active.
pub(super) async fn send_approval(change: &mut Change<'_>, origin: &str) -> Result<(), Error> {
    let Some(owner) = change.tenant.owner.clone() else { return Ok(()) };
    let (tenant_id, tenant_name) = (change.tenant.id, change.tenant.name.clone());
    let content = MailContent::SignUpApproved { tenant_name };
    let message = message(&owner, content, origin);
    let message = NewMessage { tenant_id: Some(tenant_id), user_id: Some(owner.id), ..message };
    let engine = change.engine();
    enqueue(&mut change.transaction, engine, message).await?;
    Ok(())
}

/// Enqueues the mail that tells the person of the refusal. It belongs to nothing, because the tenant and the
/// account are deleted.
pub(super) async fn send_refusal(change: &mut Change<'_>, origin: &str) -> Result<(), Error> {
    let Some(owner) = change.tenant.owner.clone() else { return Ok(()) };
    let content = MailContent::SignUpDeclined { company: change.tenant.name.clone() };
    let engine = change.engine();
    enqueue(&mut change.transaction, engine, message(&owner, content, origin)).await?;
    Ok(())
}

fn message<'a>(owner: &'a OwnerAccount, content: MailContent, origin: &'a str) -> NewMessage<'a> {
    NewMessage {
        to_name: &owner.name,
        to_address: &owner.email,
        tenant_id: None,
        user_id: None,
        content,
        token: None,
        origin,
    }
}
