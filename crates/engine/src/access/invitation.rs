use database::Transaction;
use domain::{ErrorCode, mail::MailContent, member::MemberRole, password::Password};
use secrecy::SecretString;
use uuid::Uuid;

use super::{
    Account,
    audit::{AuditActor, AuditedChange, tenant_change},
    password, session,
};
use crate::{
    Engine, Error,
    mail::{self, NewMessage},
    secret::hash,
};

/// The invitation of an account without a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The name of the invited person.
    pub name: String,
    /// The e-mail address as it was entered.
    pub email: String,
    /// The name of the tenant.
    pub tenant_name: String,
}

/// An invitation whose link can be used or is not needed any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvitationLink {
    /// The person accepts the invitation by choosing a password.
    Open(Invitation),
    /// The account has a password, which no link changes. The person signs in and then joins the tenant.
    Join {
        /// The invited account.
        account_id: Uuid,
        /// The code of the tenant.
        tenant_code: String,
        /// The name of the tenant.
        tenant_name: String,
    },
    /// The account has joined the tenant. The link reveals nothing about the account, because it may have been
    /// sent to a former address.
    Accepted,
}

/// Returns the invitation of a link that can still be used, or was used.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for an expired, revoked or unknown link, or a deleted tenant; `TENANT_SUSPENDED`.
pub async fn find_invitation(engine: &Engine, token: &str) -> Result<InvitationLink, Error> {
    let row = sqlx::query!(
        r#"SELECT u.id, u.name, u.email, t.name AS tenant_name, t.code AS tenant_code,
             t.status = 'suspended' AS "is_suspended!", u.password_hash IS NOT NULL AS "has_password!",
             o.used_at IS NOT NULL OR m.joined_at IS NOT NULL AS "is_accepted!"
           FROM one_time_tokens o JOIN users u ON u.id = o.user_id JOIN tenants t ON t.id = o.tenant_id
           LEFT JOIN memberships m ON m.tenant_id = o.tenant_id AND m.user_id = o.user_id
           WHERE o.token_hash = $1 AND t.status <> 'deleted' AND o.purpose = 'owner_invitation'
             AND (o.used_at IS NOT NULL OR o.expires_at > now() AND o.revoked_at IS NULL)"#,
        &hash(token)[..]
    )
    .fetch_optional(&engine.pool())
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    if row.is_suspended {
        return Err(ErrorCode::TenantSuspended.into());
    }
    Ok(match (row.is_accepted, row.has_password) {
        (true, _) => InvitationLink::Accepted,
        (false, true) => InvitationLink::Join {
            account_id: row.id,
            tenant_code: row.tenant_code,
            tenant_name: row.tenant_name,
        },
        (false, false) => InvitationLink::Open(Invitation {
            name: row.name,
            email: row.email,
            tenant_name: row.tenant_name,
        }),
    })
}

/// Sets the first password of the invited account, joins the tenant and opens a session. Of all links of the
/// account, one sets the password, once, even if calls use them at the same time. Sends a new owner a welcome
/// mail, whose links begin with `origin`. Audited.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for a used, expired, revoked or unknown link, a link of an account with a password, or
/// a deleted tenant; `TENANT_SUSPENDED`.
pub async fn accept_invitation(
    engine: &Engine,
    token: &str,
    secret: &Password,
    origin: &str,
) -> Result<SecretString, Error> {
    let password_hash = password::hash(engine, secret).await?;
    let mut transaction = engine.pool().begin().await?;
    require_tenant_in_use(&mut transaction, token).await?;
    let joined = sqlx::query!(
        r#"WITH used AS (
             UPDATE one_time_tokens SET used_at = now()
             WHERE token_hash = $1 AND purpose = 'owner_invitation' AND used_at IS NULL AND expires_at > now()
                 AND revoked_at IS NULL
             RETURNING user_id, tenant_id
         )
         UPDATE users SET password_hash = $2 FROM used
         WHERE users.id = used.user_id AND users.password_hash IS NULL
         RETURNING users.id, users.name, users.email, used.tenant_id AS "tenant_id!""#,
        &hash(token)[..],
        password_hash
    )
    .fetch_optional(&mut transaction)
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    let account = Account { id: joined.id, name: joined.name, email: joined.email };
    let role = record_joined(&mut transaction, &account, joined.tenant_id).await?;
    record_other_joins(&mut transaction, &account, joined.tenant_id).await?;
    // The mail explains what an owner does first.
    if role == Some(MemberRole::Owner) {
        send_welcome(&mut transaction, engine, &account, joined.tenant_id, origin).await?;
    }
    let session = session::open_session(&mut transaction, account.id, &password_hash).await?;
    transaction.commit().await?;
    mail::wake_worker(engine);
    Ok(session)
}

/// Accepts the invitation of a signed-in account to a tenant. Does nothing if the account has joined before.
/// `tenant` is the code of the tenant. Audited.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` without an invitation that can be used; `TENANT_SUSPENDED`; the database's error.
pub async fn join_tenant(engine: &Engine, account: &Account, tenant: &str) -> Result<(), Error> {
    let mut transaction = engine.pool().begin().await?;
    let found = sqlx::query!(
        r#"SELECT t.id, t.status, m.joined_at IS NOT NULL AS "has_joined!"
           FROM tenants t JOIN memberships m ON m.tenant_id = t.id
           WHERE t.code = $1 AND m.user_id = $2 AND t.status <> 'deleted' FOR SHARE OF t"#,
        tenant,
        account.id
    )
    .fetch_optional(&mut transaction)
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    if found.status == "suspended" {
        return Err(ErrorCode::TenantSuspended.into());
    }
    let used = sqlx::query!(
        "UPDATE one_time_tokens SET used_at = now()
         WHERE tenant_id = $1 AND user_id = $2 AND purpose = 'owner_invitation' AND used_at IS NULL
             AND expires_at > now() AND revoked_at IS NULL",
        found.id,
        account.id
    )
    .execute(&mut transaction)
    .await?;
    match (used.rows_affected(), found.has_joined) {
        (0, true) => Ok(transaction.rollback().await?),
        (0, false) => Err(ErrorCode::ResourceNotFound.into()),
        _ => {
            record_joined(&mut transaction, account, found.id).await?;
            transaction.commit().await?;
            Ok(())
        }
    }
}

/// Records the other tenants that an account joined as their owner when its first password was set, in this
/// transaction. The trigger `users_join_as_owner` has accepted their invitations.
pub(crate) async fn record_other_joins(
    transaction: &mut Transaction,
    account: &Account,
    recorded: Uuid,
) -> Result<(), Error> {
    let others = sqlx::query_scalar!(
        r#"SELECT tenant_id AS "tenant_id!" FROM one_time_tokens
           WHERE user_id = $1 AND purpose = 'owner_invitation' AND used_at >= now() AND tenant_id <> $2
           ORDER BY tenant_id"#,
        account.id,
        recorded
    )
    .fetch_all(&mut *transaction)
    .await?;
    for tenant_id in others {
        record_joined(transaction, account, tenant_id).await?;
    }
    Ok(())
}

/// Records that an account joined a tenant, in the role of its membership. Returns the role.
async fn record_joined(
    transaction: &mut Transaction,
    account: &Account,
    tenant_id: Uuid,
) -> Result<Option<MemberRole>, Error> {
    let joined = sqlx::query!(
        "SELECT m.role, t.request_id FROM memberships m JOIN tenants t ON t.id = m.tenant_id
         WHERE m.tenant_id = $1 AND m.user_id = $2",
        tenant_id,
        account.id
    )
    .fetch_one(&mut *transaction)
    .await?;
    let role = MemberRole::from_text(&joined.role);
    let action = if role == Some(MemberRole::Owner) { "owner.joined" } else { "member.joined" };
    let actor = AuditActor { id: Some(account.id), name: &account.name };
    let change = AuditedChange { request_id: Some(joined.request_id), ..tenant_change(action, tenant_id) };
    change.record(transaction, actor).await?;
    Ok(role)
}

async fn send_welcome(
    transaction: &mut Transaction,
    engine: &Engine,
    account: &Account,
    tenant_id: Uuid,
    origin: &str,
) -> Result<(), Error> {
    let tenant_name = sqlx::query_scalar!("SELECT name FROM tenants WHERE id = $1", tenant_id)
        .fetch_one(&mut *transaction)
        .await?;
    let message = NewMessage {
        to_name: &account.name,
        to_address: &account.email,
        tenant_id: Some(tenant_id),
        user_id: Some(account.id),
        content: MailContent::Welcome { tenant_name },
        token: None,
        origin,
    };
    mail::enqueue(transaction, engine, message).await?;
    Ok(())
}

/// Locks the tenant of an invitation against a suspension or a deletion until the end of the transaction.
///
/// # Errors
/// `TENANT_SUSPENDED`; `RESOURCE_NOT_FOUND` for a deleted tenant; the database's error.
async fn require_tenant_in_use(transaction: &mut Transaction, token: &str) -> Result<(), Error> {
    let status = sqlx::query_scalar!(
        "SELECT status FROM tenants WHERE id = (SELECT tenant_id FROM one_time_tokens WHERE token_hash = $1) FOR SHARE",
        &hash(token)[..]
    )
    .fetch_optional(transaction)
    .await?;
    match status.as_deref() {
        Some("suspended") => Err(ErrorCode::TenantSuspended.into()),
        Some("deleted") | None => Err(ErrorCode::ResourceNotFound.into()),
        Some(_) => Ok(()),
    }
}
