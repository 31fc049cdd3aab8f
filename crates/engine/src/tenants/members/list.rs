use domain::{ErrorCode, Timestamp, invitation::InvitationStatus, member::TenantMember};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::change::{parse_role, require_member};
use crate::{
    Engine, Error,
    page::{Cursor, Page, PageRequest},
    tenants::{lookup::find_tenant, scope::TenantCaller},
};

/// Returns one page of the members of a tenant and of its invitations, newest first.
///
/// # Errors
/// For a member `TENANT_NOT_FOUND` if the account has not joined the tenant, `TENANT_SUSPENDED` and
/// `TENANT_NOT_ACTIVE`; `FORBIDDEN` for a secret key; `TENANT_NOT_FOUND`; the database's error.
pub async fn list_members(
    engine: &Engine,
    by: &TenantCaller,
    page: PageRequest,
) -> Result<Page<TenantMember>, Error> {
    match by {
        TenantCaller::Key(_) => Err(ErrorCode::Forbidden.into()),
        TenantCaller::Actor { tenant, .. } => {
            let id = find_tenant(engine, tenant).await?;
            read_members(&engine.pool(), id, None, page).await
        }
        TenantCaller::Member { account, tenant } => {
            let id = find_tenant(engine, tenant).await?;
            let mut transaction = engine.pool().begin().await?;
            require_member(&mut transaction, account, id).await?;
            let members = read_members(&mut transaction, id, None, page).await?;
            transaction.commit().await?;
            Ok(members)
        }
    }
}

/// Reads the members, newest first. With a `user_id`, at most the member with this account.
pub(super) async fn read_members(
    executor: impl PgExecutor<'_>,
    tenant_id: Uuid,
    user_id: Option<Uuid>,
    page: PageRequest,
) -> Result<Page<TenantMember>, Error> {
    let rows = sqlx::query!(
        r#"SELECT u.id, m.role, member_status(m.joined_at, o) AS "status!",
             CASE WHEN m.joined_at IS NULL THEN coalesce(m.invited_name, u.name) ELSE u.name END AS "name!",
             CASE WHEN m.joined_at IS NULL THEN coalesce(m.invited_email, u.email) ELSE u.email END AS "email!",
             (extract(epoch FROM m.created_at) * 1000000)::bigint AS "created_us!",
             (extract(epoch FROM m.joined_at) * 1000)::bigint AS joined_ms,
             (extract(epoch FROM o.expires_at) * 1000)::bigint AS expires_ms
           FROM memberships m JOIN users u ON u.id = m.user_id
           LEFT JOIN one_time_tokens o ON o.tenant_id = m.tenant_id AND o.user_id = m.user_id
           WHERE m.tenant_id = $1 AND ($2::uuid IS NULL OR u.id = $2)
             AND ($3::bigint IS NULL
               OR (m.created_at, u.id) < ('epoch'::timestamptz + $3 * interval '1 microsecond', $4::uuid))
           ORDER BY m.created_at DESC, u.id DESC LIMIT $5"#,
        tenant_id,
        user_id,
        page.after_us(),
        page.after_id(),
        page.limit.rows_to_query()
    )
    .fetch_all(executor)
    .await?;
    Page::new(rows, page.limit, |row| Cursor { created_us: row.created_us, id: row.id }).try_map(|row| {
        Ok(TenantMember {
            id: row.id,
            name: row.name,
            email: row.email,
            role: parse_role(&row.role)?,
            status: InvitationStatus::from_text(&row.status)
                .ok_or_else(|| Error::unexpected("invitation status", &row.status))?,
            invited_at: Timestamp::from_microseconds(row.created_us),
            joined_at: row.joined_ms.map(Timestamp),
            expires_at: row.expires_ms.map(Timestamp),
        })
    })
}
