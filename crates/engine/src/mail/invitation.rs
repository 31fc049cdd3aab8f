use database::Transaction;
use domain::{Timestamp, mail::MailContent};
use secrecy::SecretString;
use uuid::Uuid;

use super::enqueue::{NewMessage, enqueue};
use crate::{Engine, Error};

/// The link of an invitation that was issued in the same transaction.
#[derive(Debug)]
pub(crate) struct InvitationLink<'a> {
    /// The tenant.
    pub tenant_id: Uuid,
    /// The invited account, which has a membership.
    pub user_id: Uuid,
    /// The token of the link.
    pub token: &'a SecretString,
    /// When the link expires.
    pub expires_at: Timestamp,
    /// The member who invites. `None` if an employee does.
    pub invited_by: Option<&'a str>,
    /// The start of the link.
    pub origin: &'a str,
}

/// Stores the message of an invitation in the outbox. Call [`super::wake_worker`] after the commit.
///
/// # Errors
/// The errors of [`enqueue`].
pub(crate) async fn enqueue_invitation(
    transaction: &mut Transaction,
    engine: &Engine,
    link: InvitationLink<'_>,
) -> Result<(), Error> {
    let invited = sqlx::query!(
        r#"SELECT coalesce(m.invited_name, u.name) AS "name!", u.email, m.role, t.name AS tenant_name
           FROM memberships m JOIN users u ON u.id = m.user_id JOIN tenants t ON t.id = m.tenant_id
           WHERE m.tenant_id = $1 AND m.user_id = $2"#,
        link.tenant_id,
        link.user_id
    )
    .fetch_one(&mut *transaction)
    .await?;
    let content = MailContent::Invitation {
        tenant_name: invited.tenant_name,
        role: invited.role,
        invited_by: link.invited_by.map(str::to_owned),
        expires_at: link.expires_at,
    };
    let message = NewMessage {
        to_name: &invited.name,
        to_address: &invited.email,
        tenant_id: Some(link.tenant_id),
        user_id: Some(link.user_id),
        content,
        token: Some(link.token),
        origin: link.origin,
    };
    enqueue(transaction, engine, message).await?;
    Ok(())
}
