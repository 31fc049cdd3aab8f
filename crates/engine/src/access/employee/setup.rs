//! The invitation of an employee who has not chosen a password yet: sending its setup link again, and revoking it.

use database::Transaction;
use domain::{
    ErrorCode,
    access::{EmployeeStatus, EmployeeSummary},
    mail::MailContent,
};
use uuid::Uuid;

use super::list::find_employee;
use crate::{
    Engine, Error,
    access::{
        Actor,
        audit::employee_change,
        setup_link::{SetupLinkToken, issue_setup_link, revoke_setup_link},
    },
    mail::{self, NewMessage},
};

/// A new employee who has not chosen a password yet, and the setup link to choose one.
#[derive(Debug)]
pub struct InvitedEmployee {
    /// The employee.
    pub employee: EmployeeSummary,
    /// The token of the link. The caller shows it once, because only its hash is stored.
    pub link: SetupLinkToken,
}

/// Replaces the setup link of an employee who has not chosen a password yet, and sends a mail with the new one.
/// `origin` is the start of the link. Audited.
///
/// # Errors
/// `FORBIDDEN`; `RESOURCE_NOT_FOUND`; `INVALID_TRANSITION` if the employee has a password or is disabled.
pub async fn renew_setup_link(
    engine: &Engine,
    actor: &Actor,
    id: Uuid,
    origin: &str,
) -> Result<InvitedEmployee, Error> {
    let (mut transaction, actor, user_id) = begin(engine, actor, id).await?;
    employee_change("employee.setup_link_issued", id).record(&mut transaction, &actor).await?;
    let invited = send_setup_link(&mut transaction, engine, &actor, (id, user_id), origin).await?;
    transaction.commit().await?;
    mail::wake_worker(engine);
    Ok(invited)
}

/// Ends the setup link of an employee who has not chosen a password yet, and returns the employee. Its mail is
/// cancelled, if it was not sent. Does nothing if the link was revoked before. Audited.
///
/// # Errors
/// `FORBIDDEN`; `RESOURCE_NOT_FOUND`; `INVALID_TRANSITION` if the employee has a password or is disabled.
pub async fn revoke_employee_invitation(
    engine: &Engine,
    actor: &Actor,
    id: Uuid,
) -> Result<EmployeeSummary, Error> {
    let (mut transaction, actor, user_id) = begin(engine, actor, id).await?;
    if revoke_setup_link(&mut transaction, user_id).await? {
        employee_change("employee.setup_link_revoked", id).record(&mut transaction, &actor).await?;
    }
    let (employee, _) = find_employee(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(employee)
}

/// Begins a change of the invitation of an employee. Returns the account, too.
async fn begin(engine: &Engine, actor: &Actor, id: Uuid) -> Result<(Transaction, Actor, Uuid), Error> {
    actor.require_access_management()?;
    let (mut transaction, actor) = actor.begin_change(engine).await?;
    actor.require_access_management()?;
    let (employee, user_id) = find_employee(&mut transaction, id).await?;
    if employee.has_password || employee.status != EmployeeStatus::Active {
        return Err(ErrorCode::InvalidTransition.into());
    }
    Ok((transaction, actor, user_id))
}

/// Issues the setup link of an employee, and stores the mail with it.
pub(super) async fn send_setup_link(
    transaction: &mut Transaction,
    engine: &Engine,
    actor: &Actor,
    (id, user_id): (Uuid, Uuid),
    origin: &str,
) -> Result<InvitedEmployee, Error> {
    let link = issue_setup_link(transaction, user_id).await?;
    let (employee, _) = find_employee(&mut *transaction, id).await?;
    let message = NewMessage {
        to_name: &employee.name,
        to_address: &employee.email,
        tenant_id: None,
        user_id: Some(user_id),
        content: MailContent::EmployeeInvitation {
            role: employee.role,
            invited_by: actor.id().map(|_| actor.name().to_owned()),
            expires_at: link.expires_at,
        },
        token: Some(&link.token),
        origin,
    };
    mail::enqueue(transaction, engine, message).await?;
    Ok(InvitedEmployee { employee, link })
}
