use database::Transaction;
use domain::{
    ErrorCode, Timestamp,
    invitation::{Invitation, InvitationStatus, ResentInvitation},
    member::MemberRole,
    provisioning::INVITATION_DAYS,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{
    lookup::find_tenant,
    members::{MemberChange, limit_invitations},
    scope::TenantCaller,
};
use crate::{
    Engine, Error,
    access::Actor,
    mail::{self, InvitationLink},
    page::{Cursor, Page, PageRequest},
    secret::{hash, new_token},
};

/// Whose invitations a query returns.
enum Invited {
    All,
    Owner,
    Account(Uuid),
}

/// Returns one page of the invitations of a tenant, newest first, including accepted ones.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; the database's error.
pub async fn list_invitations(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    page: PageRequest,
) -> Result<Page<Invitation>, Error> {
    by.require_provisioning()?;
    let tenant_id = find_tenant(engine, tenant).await?;
    read_invitations(&engine.pool(), tenant_id, Invited::All, page).await
}

/// Creates a new link for an invitation, and sends it by mail. The new link expires after seven days. The
/// former link stops working immediately. Also works after the former link expired or was revoked. Without an
/// `id`, the invitation is the owner's. `origin` is the start of the link, such as
/// `https://console.example.com`. Audited.
///
/// # Errors
/// See [`MemberChange::begin`]; `FORBIDDEN` if the caller may not give the role; `RESOURCE_NOT_FOUND` for an
/// unknown invitation; `INVITATION_ACCEPTED`; `RATE_LIMITED` for a member who sends many; the database's error.
pub async fn resend_invitation(
    engine: &Engine,
    by: &TenantCaller,
    id: Option<Uuid>,
    origin: &str,
) -> Result<ResentInvitation, Error> {
    let mut change = MemberChange::begin(engine, by).await?;
    let former = find_open_invitation(&mut change, id).await?;
    limit_invitations(&mut change, former.id).await?;
    // The tenant is locked, so the person cannot accept the former link meanwhile.
    let invited_by = change.member_name();
    let new = NewInvitation { user_id: former.id, invited_by: invited_by.as_deref(), origin };
    let (token, expires_at) = send_invitation(&mut change.transaction, engine, change.tenant.id, new).await?;
    let invitation = find_open_invitation(&mut change, Some(former.id)).await?;
    let before = json!({ "userId": former.id, "status": former.status, "expiresAt": former.expires_at });
    let after = json!({ "userId": former.id, "expiresAt": expires_at });
    change.finish(engine, "invitation.resent", Some(before), Some(after)).await?;
    mail::wake_worker(engine);
    let invitation_url = format!("{origin}{}", domain::paths::invitation(token.expose_secret()));
    Ok(ResentInvitation { invitation, invitation_url })
}

/// Ends the link of an invitation immediately. Without an `id`, the invitation is the owner's. Does nothing
/// if the link was revoked before. Audited.
///
/// # Errors
/// See [`MemberChange::begin`]; `FORBIDDEN` if the caller may not take away the role; `RESOURCE_NOT_FOUND` for
/// an unknown invitation; `INVITATION_ACCEPTED`; the database's error.
pub async fn revoke_invitation(engine: &Engine, by: &TenantCaller, id: Option<Uuid>) -> Result<(), Error> {
    let mut change = MemberChange::begin(engine, by).await?;
    let invitation = find_open_invitation(&mut change, id).await?;
    let revoked = sqlx::query!(
        "UPDATE one_time_tokens SET revoked_at = now(), expires_at = least(expires_at, now())
         WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL AND revoked_at IS NULL",
        change.tenant.id,
        invitation.id
    )
    .execute(&mut change.transaction)
    .await?;
    if revoked.rows_affected() == 0 {
        // Fails if the person has accepted the invitation at the same time.
        find_open_invitation(&mut change, Some(invitation.id)).await?;
    } else {
        let before = json!({ "userId": invitation.id, "status": invitation.status });
        change.record("invitation.revoked", Some(before), None).await?;
    }
    change.commit(engine).await
}

/// An invitation of an account that has a membership.
#[derive(Debug)]
pub(super) struct NewInvitation<'a> {
    /// The invited account.
    pub user_id: Uuid,
    /// The member who invites. `None` if an employee does.
    pub invited_by: Option<&'a str>,
    /// The start of the link.
    pub origin: &'a str,
}

/// Creates the link of an invitation to a tenant, and its mail. Returns the token of the link and when it
/// expires. The former link stops working, even if it was used before. Call [`mail::wake_worker`] after the
/// commit.
pub(super) async fn send_invitation(
    transaction: &mut Transaction,
    engine: &Engine,
    tenant_id: Uuid,
    new: NewInvitation<'_>,
) -> Result<(SecretString, Timestamp), Error> {
    let NewInvitation { user_id, invited_by, origin } = new;
    let (token, expires_at) = issue_link(transaction, tenant_id, user_id).await?;
    let link = InvitationLink { tenant_id, user_id, token: &token, expires_at, invited_by, origin };
    mail::enqueue_invitation(transaction, engine, link).await?;
    Ok((token, expires_at))
}

async fn issue_link(
    transaction: &mut Transaction,
    tenant_id: Uuid,
    user_id: Uuid,
) -> Result<(SecretString, Timestamp), Error> {
    let token = new_token("");
    let expires_ms = sqlx::query_scalar!(
        r#"INSERT INTO one_time_tokens (token_hash, purpose, user_id, tenant_id, created_at, expires_at)
           SELECT $1, 'owner_invitation', $2, $3, clock, clock + make_interval(days => $4) FROM clock_timestamp() clock
           ON CONFLICT (tenant_id, user_id) WHERE tenant_id IS NOT NULL DO UPDATE SET
               token_hash = excluded.token_hash, created_at = excluded.created_at, expires_at = excluded.expires_at,
               revoked_at = NULL, used_at = NULL
           RETURNING (extract(epoch FROM expires_at) * 1000)::bigint AS "expires_ms!""#,
        &hash(token.expose_secret())[..],
        user_id,
        tenant_id,
        INVITATION_DAYS as i32
    )
    .fetch_one(transaction)
    .await?;
    Ok((token, Timestamp(expires_ms)))
}

/// Returns an invitation that was not accepted, and whose role the author may manage.
async fn find_open_invitation(change: &mut MemberChange, id: Option<Uuid>) -> Result<Invitation, Error> {
    let invited = id.map_or(Invited::Owner, Invited::Account);
    let tenant_id = change.tenant.id;
    let page = read_invitations(&mut change.transaction, tenant_id, invited, PageRequest::default()).await?;
    let found = page.rows.into_iter().next().ok_or(ErrorCode::ResourceNotFound)?;
    let role = MemberRole::from_text(&found.role);
    change.require_may_manage(role.ok_or_else(|| Error::unexpected("member role", &found.role))?)?;
    match found.status {
        InvitationStatus::Accepted => Err(ErrorCode::InvitationAccepted.into()),
        _ => Ok(found),
    }
}

/// Returns one page of the invitations, newest first.
async fn read_invitations(
    executor: impl PgExecutor<'_>,
    tenant_id: Uuid,
    invited: Invited,
    page: PageRequest,
) -> Result<Page<Invitation>, Error> {
    let (only_owner, user_id) = match invited {
        Invited::All => (false, None),
        Invited::Owner => (true, None),
        Invited::Account(id) => (false, Some(id)),
    };
    let rows = sqlx::query!(
        r#"SELECT u.id, u.name, u.email, m.role, member_status(m.joined_at, o) AS "status!",
             (extract(epoch FROM m.created_at) * 1000000)::bigint AS "created_us!",
             (extract(epoch FROM o.expires_at) * 1000)::bigint AS expires_ms
           FROM memberships m JOIN users u ON u.id = m.user_id JOIN tenants t ON t.id = m.tenant_id
           LEFT JOIN one_time_tokens o ON o.tenant_id = m.tenant_id AND o.user_id = m.user_id
           WHERE m.tenant_id = $1 AND (NOT $2::boolean OR u.id = t.owner_id) AND ($3::uuid IS NULL OR u.id = $3)
             AND ($4::bigint IS NULL
               OR (m.created_at, u.id) < ('epoch'::timestamptz + $4 * interval '1 microsecond', $5::uuid))
           ORDER BY m.created_at DESC, u.id DESC LIMIT $6"#,
        tenant_id,
        only_owner,
        user_id,
        page.after_us(),
        page.after_id(),
        page.limit.rows_to_query()
    )
    .fetch_all(executor)
    .await?;
    Page::new(rows, page.limit, |row| Cursor { created_us: row.created_us, id: row.id }).try_map(|row| {
        Ok(Invitation {
            id: row.id,
            name: row.name,
            email: row.email,
            role: row.role,
            status: InvitationStatus::from_text(&row.status)
                .ok_or_else(|| Error::unexpected("invitation status", &row.status))?,
            expires_at: row.expires_ms.map(Timestamp),
        })
    })
}
