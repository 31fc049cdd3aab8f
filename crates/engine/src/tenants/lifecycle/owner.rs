use domain::{
    ErrorCode, Problem, TenantStatus, Timestamp,
    availability::EmailAvailability,
    email::Email,
    error::EmailReason,
    lifecycle::{ChangedTenant, NamedOwner, OwnerAccount},
    mail::MailContent,
    paths,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use uuid::Uuid;

use super::change::Change;
use crate::{
    Engine, Error,
    access::Actor,
    mail::{self, NewMessage},
    provisioning::check_email_with,
    tenants::{
        invitations::{NewInvitation, send_invitation},
        lookup::find_tenant_or_deleted,
    },
};

/// The owner whom an admin names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOwner {
    /// The name. Not used for an account that exists.
    pub name: String,
    /// The e-mail address.
    pub email: Email,
    /// Whether the owner may be an account that exists.
    pub use_existing_account: bool,
}

/// The account of a new owner.
struct Account {
    id: Uuid,
    name: String,
    email: String,
    has_password: bool,
}

/// Names the owner of a tenant without one, or transfers the ownership. An account without a password gets an
/// invitation. Without an owner before, the tenant becomes active: after its steps, which begin now, or
/// immediately if it has none. After a transfer, the former owner is a member, or has no access if the former
/// owner never accepted the invitation. Does nothing if the tenant already has this owner. Audited.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; `INVALID_TRANSITION` if the tenant is deleted, or its steps run with the
/// current owner; `EMAIL_UNAVAILABLE` for an employee, or for an account that exists unless it may be used;
/// the database's error.
pub async fn set_owner(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    owner: &NewOwner,
    origin: &str,
) -> Result<NamedOwner, Error> {
    by.require_provisioning()?;
    let id = find_tenant_or_deleted(engine, tenant).await?;
    let mut change = Change::begin(engine, by, id).await?;
    if is_owner(&mut change, &owner.email).await? {
        return Ok(NamedOwner { tenant: change.tenant, invitation_url: None, invitation_expires_at: None });
    }
    require_changeable_owner(&change)?;
    let account = find_or_create_account(&mut change, owner).await?;
    replace_owner(&mut change, &account).await?;
    let invitation = match account.has_password {
        true => {
            send_member_added(&mut change, &account, origin).await?;
            None
        }
        false => Some(invite(&mut change, account.id, origin).await?),
    };
    let former = change.tenant.owner.clone();
    let status = match former {
        None => start_or_activate(&mut change).await?,
        Some(_) => change.tenant.status,
    };
    let action = if former.is_none() { "tenant.owner_named" } else { "tenant.owner_changed" };
    let before = owner_and_status(former.as_ref(), change.tenant.status);
    let email = owner.email.address().to_owned();
    let named = OwnerAccount { id: account.id, name: owner.name.clone(), email };
    let tenant = change.finish(action, before, owner_and_status(Some(&named), status)).await?;
    mail::wake_worker(engine);
    Ok(with_invitation(tenant, invitation, origin))
}

/// The tenant with the link of an invitation, if there is one: its token, and when it expires.
pub(super) fn with_invitation(
    tenant: ChangedTenant,
    invitation: Option<(SecretString, Timestamp)>,
    origin: &str,
) -> NamedOwner {
    let (invitation_url, invitation_expires_at) = invitation
        .map(|(token, expires_at)| {
            (format!("{origin}{}", paths::invitation(token.expose_secret())), expires_at)
        })
        .unzip();
    NamedOwner { tenant, invitation_url, invitation_expires_at }
}

/// Checks that the tenant is not deleted, and that no steps run with its owner.
///
/// # Errors
/// `INVALID_TRANSITION`.
pub(super) fn require_changeable_owner(change: &Change<'_>) -> Result<(), Error> {
    let has_owner = change.tenant.owner.is_some();
    match change.tenant.status {
        TenantStatus::Deleted => Err(change.refuse("deleted", "Restore it first.")),
        TenantStatus::Provisioning => {
            Err(change.refuse("provisioning", "Change its owner after its last step."))
        }
        TenantStatus::PendingActivation if has_owner => {
            Err(change.refuse("provisioning", "Its steps run with the owner that it has."))
        }
        _ => Ok(()),
    }
}

async fn is_owner(change: &mut Change<'_>, email: &Email) -> Result<bool, Error> {
    let is_owner = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM tenants t JOIN users u ON u.id = t.owner_id
             WHERE t.id = $1 AND t.status <> 'deleted' AND u.email_canonical = $2) AS "is_owner!""#,
        change.tenant.id,
        email.canonical()
    )
    .fetch_one(&mut change.transaction)
    .await?;
    Ok(is_owner)
}

async fn find_or_create_account(change: &mut Change<'_>, owner: &NewOwner) -> Result<Account, Error> {
    let email = &owner.email;
    let found = check_email_with(&mut change.transaction, email).await?;
    match found {
        EmailAvailability { available: true, .. } => create_account(change, owner).await,
        EmailAvailability { reason, .. }
            if owner.use_existing_account && reason != Some(EmailReason::IsEmployee) =>
        {
            let account = sqlx::query_as!(
                Account,
                r#"SELECT id, name, email, password_hash IS NOT NULL AS "has_password!" FROM users
                   WHERE email_canonical = $1 FOR NO KEY UPDATE"#,
                email.canonical()
            );
            match account.fetch_optional(&mut change.transaction).await? {
                Some(account) => Ok(account),
                // The account has got another address meanwhile.
                None => create_account(change, owner).await,
            }
        }
        found => Err(unavailable(email, found)),
    }
}

async fn create_account(change: &mut Change<'_>, owner: &NewOwner) -> Result<Account, Error> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "INSERT INTO users (id, email, email_canonical, name, created_by_request) VALUES ($1, $2, $3, $4, $5)",
        id,
        owner.email.address(),
        owner.email.canonical(),
        owner.name,
        change.request_id()
    )
    .execute(&mut change.transaction)
    .await?;
    let (name, email) = (owner.name.clone(), owner.email.address().to_owned());
    Ok(Account { id, name, email, has_password: false })
}

/// The refusal of an address that is in use.
pub(super) fn unavailable(email: &Email, found: EmailAvailability) -> Error {
    let EmailAvailability { reason, conflict, .. } = found;
    let subject = Some(email.address().to_owned());
    let problem = Problem::from(ErrorCode::EmailUnavailable);
    Problem { subject, conflict, email_reason: reason, ..problem }.into()
}

/// Makes the account the owner. A former owner with a password becomes a member. Another former owner loses
/// the membership and the invitation, and the account if nothing else uses it.
async fn replace_owner(change: &mut Change<'_>, account: &Account) -> Result<(), Error> {
    sqlx::query!("SELECT replace_owner($1, $2)", change.tenant.id, account.id)
        .execute(&mut change.transaction)
        .await?;
    Ok(())
}

/// Creates the invitation of an account to the tenant, as [`send_invitation`] does.
pub(super) async fn invite(
    change: &mut Change<'_>,
    account_id: Uuid,
    origin: &str,
) -> Result<(SecretString, Timestamp), Error> {
    let (engine, tenant_id) = (change.engine(), change.tenant.id);
    let invitation = NewInvitation { user_id: account_id, invited_by: None, origin };
    send_invitation(&mut change.transaction, engine, tenant_id, invitation).await
}

/// Sends a mail about the tenant to the new owner, who has a password.
async fn send_member_added(change: &mut Change<'_>, account: &Account, origin: &str) -> Result<(), Error> {
    let (tenant_name, role) = (change.tenant.name.clone(), "owner".to_owned());
    let message = NewMessage {
        to_name: &account.name,
        to_address: &account.email,
        tenant_id: Some(change.tenant.id),
        user_id: Some(account.id),
        content: MailContent::MemberAdded { tenant_name, role, added_by: None },
        token: None,
        origin,
    };
    let engine = change.engine();
    mail::enqueue(&mut change.transaction, engine, message).await?;
    Ok(())
}

/// Starts the blocked steps of the tenant. Activates a tenant without steps. Returns the status of the tenant.
pub(super) async fn start_or_activate(change: &mut Change<'_>) -> Result<TenantStatus, Error> {
    let id = change.tenant.id;
    change.resume_jobs().await?;
    sqlx::query!(
        "UPDATE tenants t SET status = 'active' WHERE id = $1 AND NOT EXISTS (
             SELECT FROM jobs j WHERE j.tenant_id = t.id AND j.creates_tenant
                 AND j.state NOT IN ('succeeded', 'skipped', 'compensated'))",
        id
    )
    .execute(&mut change.transaction)
    .await?;
    let status = sqlx::query_scalar!("SELECT status FROM tenants WHERE id = $1", id)
        .fetch_one(&mut change.transaction)
        .await?;
    let status = TenantStatus::from_text(&status)
        .ok_or_else(|| Error::UnexpectedResponse(format!("status {status}")))?;
    if status == TenantStatus::Active {
        change.reapply_status().await?;
    }
    Ok(status)
}

fn owner_and_status(owner: Option<&OwnerAccount>, status: TenantStatus) -> Value {
    let owner = owner.map(|owner| json!({ "id": owner.id, "email": owner.email }));
    json!({ "owner": owner, "status": status })
}
