use domain::{
    ErrorCode, FieldProblem, Problem,
    email::Email,
    lifecycle::{NamedOwner, OwnerAccount},
    mail::MailContent,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    super::lookup::find_tenant_or_deleted,
    change::Change,
    owner::{invite, require_changeable_owner, unavailable, with_invitation},
};
use crate::{
    Engine, Error,
    access::{Actor, end_account_links},
    mail::{self, NewMessage},
    provisioning::{check_email, check_email_with},
};

const ACTION: &str = "tenant.owner_account_changed";

/// What an admin changes in the account of an owner. A field that is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnerAccountChanges {
    /// The name.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<Email>,
}

/// The sign-in of an account.
struct SignIn {
    email_canonical: String,
    has_password: bool,
}

/// Another tenant of the owner.
struct OtherTenant {
    id: Uuid,
    code: String,
    name: String,
    request_id: Uuid,
    may_run_steps: bool,
}

/// Changes the name and the e-mail address of the account of a tenant's owner, for all tenants that the
/// account owns. The password of the account stays valid. If the account has no password,
/// a new address gets a new invitation to this tenant, and all former links of the account stop working.
/// External systems are not updated. Does nothing if the account already has these values. Audited for
/// each of the tenants.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; `INVALID_TRANSITION` if the tenant is deleted or has no owner, or while
/// the steps of a tenant run with this owner; `EMAIL_UNAVAILABLE` if another account has the address; the
/// database's error.
pub async fn change_owner_account(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    changes: &OwnerAccountChanges,
    origin: &str,
) -> Result<NamedOwner, Error> {
    by.require_provisioning()?;
    let id = find_tenant_or_deleted(engine, tenant).await?;
    let mut change = Change::begin_with_owner(engine, by, id).await?;
    require_changeable_owner(&change)?;
    let Some(former) = change.tenant.owner.clone() else {
        return Err(change.refuse("no_owner", "It has no owner."));
    };
    let owner = changed(&former, changes);
    if owner == former {
        return Ok(with_invitation(change.tenant, None, origin));
    }
    let others = find_other_tenants(&mut change, owner.id).await?;
    require_finished_steps(&others)?;
    let SignIn { email_canonical, has_password } = find_sign_in(&mut change, owner.id).await?;
    let new_email = changes.email.as_ref().filter(|email| email.canonical() != email_canonical);
    if let Some(email) = new_email {
        let found = check_email_with(&mut change.transaction, email).await?;
        if !found.available {
            return Err(unavailable(email, found));
        }
    }
    let canonical = new_email.map_or(email_canonical.as_str(), Email::canonical);
    match (store(&mut change, &owner, canonical).await, new_email) {
        // Another transaction has used the address since the check.
        (Err(error), Some(email)) if error.problem().code == ErrorCode::EmailUnavailable => {
            drop(change);
            return Err(unavailable(email, check_email(engine, email).await?));
        }
        (stored, _) => stored?,
    }
    if new_email.is_some() {
        end_account_links(&mut change.transaction, owner.id).await?;
    }
    // The links of an account with a password do not work.
    let (revoked, invitation) = match new_email.is_some() && !has_password {
        true => (
            revoke_other_invitations(&mut change, owner.id).await?,
            Some(invite(&mut change, owner.id, origin).await?),
        ),
        false => (Vec::new(), None),
    };
    if new_email.is_some() && has_password {
        notify_former_address(&mut change, engine, &former, &owner, origin).await?;
    }
    let (before, after) = (json!({ "owner": former }), json!({ "owner": owner }));
    for other in &others {
        let subject = (other.id, other.request_id);
        change.record(subject, ACTION, Some(before.clone()), Some(after.clone())).await?;
        if revoked.contains(&other.id) {
            let before = json!({ "userId": owner.id, "status": "pending" });
            change.record(subject, "invitation.revoked", Some(before), None).await?;
        }
    }
    let tenant = change.finish(ACTION, before, after).await?;
    for other in others {
        engine.announce(other.request_id);
    }
    mail::wake_worker(engine);
    Ok(with_invitation(tenant, invitation, origin))
}

/// Sends mail to the former address that the account has another one.
async fn notify_former_address(
    change: &mut Change<'_>,
    engine: &Engine,
    former: &OwnerAccount,
    owner: &OwnerAccount,
    origin: &str,
) -> Result<(), Error> {
    let message = NewMessage {
        to_name: &former.name,
        to_address: &former.email,
        tenant_id: None,
        user_id: Some(owner.id),
        content: MailContent::AddressChanged { new_address: owner.email.clone() },
        token: None,
        origin,
    };
    mail::enqueue(&mut change.transaction, engine, message).await?;
    Ok(())
}

fn changed(former: &OwnerAccount, changes: &OwnerAccountChanges) -> OwnerAccount {
    let email = changes.email.as_ref().map(|email| email.address().to_owned());
    OwnerAccount {
        id: former.id,
        name: changes.name.clone().unwrap_or_else(|| former.name.clone()),
        email: email.unwrap_or_else(|| former.email.clone()),
    }
}

/// The other tenants of the owner. They are locked.
async fn find_other_tenants(change: &mut Change<'_>, owner_id: Uuid) -> Result<Vec<OtherTenant>, Error> {
    let tenants = sqlx::query_as!(
        OtherTenant,
        r#"SELECT id, code, name, request_id,
             coalesce(status_before_deletion, status) IN ('provisioning', 'pending_activation') AS "may_run_steps!"
           FROM tenants WHERE owner_id = $1 AND id <> $2 ORDER BY id"#,
        owner_id,
        change.tenant.id
    );
    Ok(tenants.fetch_all(&mut change.transaction).await?)
}

/// Checks that no steps of another tenant run with the owner.
fn require_finished_steps(others: &[OtherTenant]) -> Result<(), Error> {
    let Some(OtherTenant { code, name, .. }) = others.iter().find(|other| other.may_run_steps) else {
        return Ok(());
    };
    let message = format!(
        "The account also owns {name} ({code}), whose steps have begun with the current address. Change it after \
         the last step."
    );
    let errors = vec![FieldProblem::new("status", "provisioning", &message)];
    Err(Problem { errors, ..ErrorCode::InvalidTransition.into() }.into())
}

async fn find_sign_in(change: &mut Change<'_>, id: Uuid) -> Result<SignIn, Error> {
    let account = sqlx::query_as!(
        SignIn,
        r#"SELECT email_canonical, password_hash IS NOT NULL AS "has_password!" FROM users WHERE id = $1"#,
        id
    );
    Ok(account.fetch_one(&mut change.transaction).await?)
}

/// Stores the account. Every tenant of the owner gets a new version.
async fn store(change: &mut Change<'_>, owner: &OwnerAccount, email_canonical: &str) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE users SET name = $2, email = $3, email_canonical = $4 WHERE id = $1",
        owner.id,
        owner.name,
        owner.email,
        email_canonical
    )
    .execute(&mut change.transaction)
    .await?;
    // A trigger has copied a changed address to the tenants, which also counts their versions.
    if change.tenant.owner.as_ref().is_some_and(|former| former.email == owner.email) {
        sqlx::query!("UPDATE tenants SET owner_email = owner_email WHERE owner_id = $1", owner.id)
            .execute(&mut change.transaction)
            .await?;
    }
    Ok(())
}

/// Ends the links of the account to other tenants, which were sent to the former address. Returns the IDs of
/// these tenants.
async fn revoke_other_invitations(change: &mut Change<'_>, account_id: Uuid) -> Result<Vec<Uuid>, Error> {
    let tenants = sqlx::query_scalar!(
        r#"UPDATE one_time_tokens SET revoked_at = now(), expires_at = least(expires_at, now())
           WHERE user_id = $1 AND tenant_id <> $2 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > now()
           RETURNING tenant_id AS "tenant_id!""#,
        account_id,
        change.tenant.id
    );
    Ok(tenants.fetch_all(&mut change.transaction).await?)
}
