use database::Transaction;
use domain::{
    ErrorCode, Timestamp,
    invitation::{Invitation, InvitationStatus, ResentInvitation},
    provisioning::INVITATION_DAYS,
};
use secrecy::ExposeSecret;
use serde_json::json;
use sqlx::PgExecutor;
use uuid::Uuid;

use super::lookup::{LockedTenant, find_tenant};
use crate::{
    Engine, Error,
    access::Actor,
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

/// Creates a new link for an invitation. The new link expires after seven days. The former link stops working
/// immediately. Also works after the former link expired or was revoked. Without an `id`, the invitation is
/// the owner's. `origin` is the start of the link, such as `https://console.example.com`. Audited.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; `RESOURCE_NOT_FOUND` for an unknown invitation; `INVITATION_ACCEPTED`;
/// the database's error.
pub async fn resend_invitation(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    id: Option<Uuid>,
    origin: &str,
) -> Result<ResentInvitation, Error> {
    let (mut transaction, tenant) = LockedTenant::begin_change(engine, by, tenant).await?;
    let former = find_open_invitation(&mut transaction, &tenant, id).await?;
    let token = new_token("");
    // Inserts nothing if the person accepts the invitation at the same time.
    let stored = sqlx::query!(
        "INSERT INTO one_time_tokens (token_hash, purpose, user_id, tenant_id, created_at, expires_at)
         SELECT $1, 'owner_invitation', $2, $3, clock, clock + make_interval(days => $4) FROM clock_timestamp() clock
         ON CONFLICT (tenant_id, user_id) WHERE tenant_id IS NOT NULL DO UPDATE SET
             token_hash = excluded.token_hash, created_at = excluded.created_at, expires_at = excluded.expires_at,
             revoked_at = NULL
         WHERE one_time_tokens.used_at IS NULL",
        &hash(token.expose_secret())[..],
        former.id,
        tenant.id,
        INVITATION_DAYS as i32
    )
    .execute(&mut transaction)
    .await?;
    if stored.rows_affected() == 0 {
        return Err(ErrorCode::InvitationAccepted.into());
    }
    let invitation = find_open_invitation(&mut transaction, &tenant, Some(former.id)).await?;
    let before = json!({ "userId": former.id, "status": former.status, "expiresAt": former.expires_at });
    let after = json!({ "userId": former.id, "expiresAt": invitation.expires_at });
    tenant.change("invitation.resent", Some(before), Some(after)).record(&mut transaction, by).await?;
    transaction.commit().await?;
    engine.announce(tenant.request_id);
    let invitation_url = format!("{origin}{}", domain::paths::invitation(token.expose_secret()));
    Ok(ResentInvitation { invitation, invitation_url })
}

/// Ends the link of an invitation immediately. Without an `id`, the invitation is the owner's. Does nothing
/// if the link was revoked before. Audited.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; `RESOURCE_NOT_FOUND` for an unknown invitation; `INVITATION_ACCEPTED`;
/// the database's error.
pub async fn revoke_invitation(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    id: Option<Uuid>,
) -> Result<(), Error> {
    let (mut transaction, tenant) = LockedTenant::begin_change(engine, by, tenant).await?;
    let invitation = find_open_invitation(&mut transaction, &tenant, id).await?;
    let revoked = sqlx::query!(
        "UPDATE one_time_tokens SET revoked_at = now(), expires_at = least(expires_at, now())
         WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL AND revoked_at IS NULL",
        tenant.id,
        invitation.id
    )
    .execute(&mut transaction)
    .await?;
    if revoked.rows_affected() == 0 {
        // Fails if the person has accepted the invitation at the same time.
        find_open_invitation(&mut transaction, &tenant, Some(invitation.id)).await?;
    } else {
        let before = json!({ "userId": invitation.id, "status": invitation.status });
        tenant.change("invitation.revoked", Some(before), None).record(&mut transaction, by).await?;
    }
    transaction.commit().await?;
    engine.announce(tenant.request_id);
    Ok(())
}

/// Returns an invitation that was not accepted.
async fn find_open_invitation(
    transaction: &mut Transaction,
    tenant: &LockedTenant,
    id: Option<Uuid>,
) -> Result<Invitation, Error> {
    let invited = id.map_or(Invited::Owner, Invited::Account);
    let page = read_invitations(&mut *transaction, tenant.id, invited, PageRequest::default()).await?;
    match page.rows.into_iter().next() {
        None => Err(ErrorCode::ResourceNotFound.into()),
        Some(found) if found.status == InvitationStatus::Accepted => {
            Err(ErrorCode::InvitationAccepted.into())
        }
        Some(found) => Ok(found),
    }
}

/// Returns one page of the invitations, newest first.
async fn read_invitations(
    executor: impl PgExecutor<'_>,
    tenant_id: Uuid,
    invited: Invited,
    page: PageRequest,
) -> Result<Page<Invitation>, Error> {
    let (role, user_id) = match invited {
        Invited::All => (None, None),
        Invited::Owner => (Some("owner"), None),
        Invited::Account(id) => (None, Some(id)),
    };
    let rows = sqlx::query!(
        r#"SELECT u.id, u.name, u.email, m.role, invitation_status(u, o) AS "status!",
             (extract(epoch FROM m.created_at) * 1000000)::bigint AS "created_us!",
             (extract(epoch FROM o.expires_at) * 1000)::bigint AS expires_ms
           FROM memberships m JOIN users u ON u.id = m.user_id
           LEFT JOIN one_time_tokens o ON o.tenant_id = m.tenant_id AND o.user_id = m.user_id
           WHERE m.tenant_id = $1 AND ($2::text IS NULL OR m.role = $2) AND ($3::uuid IS NULL OR u.id = $3)
             AND ($4::bigint IS NULL
               OR (m.created_at, u.id) < ('epoch'::timestamptz + $4 * interval '1 microsecond', $5::uuid))
           ORDER BY m.created_at DESC, u.id DESC LIMIT $6"#,
        tenant_id,
        role,
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
