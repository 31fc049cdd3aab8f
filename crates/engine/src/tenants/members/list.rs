use database::Transaction;
use domain::{ErrorCode, Timestamp, invitation::InvitationStatus, member::TenantMember};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::change::{parse_role, require_member};
use crate::{
    Engine, Error,
    page::{Cursor, Limit, Page, PageRequest},
    prefix_search::search_text,
    tenants::{lookup::find_tenant, scope::TenantCaller},
};

/// Queries [`MemberRow`]s of the memberships `m`: their source, the clauses that follow, and the parameters.
macro_rules! member_rows {
    ($memberships:literal, $clauses:literal, $($parameter:expr),+) => {
        sqlx::query_as!(
            MemberRow,
            r#"SELECT u.id, m.role, member_status(m.joined_at, o) AS "status!",
                 CASE WHEN m.joined_at IS NULL THEN coalesce(m.invited_name, u.name) ELSE u.name END AS "name!",
                 CASE WHEN m.joined_at IS NULL THEN coalesce(m.invited_email, u.email) ELSE u.email END AS "email!",
                 (extract(epoch FROM m.created_at) * 1000000)::bigint AS "created_us!",
                 (extract(epoch FROM m.joined_at) * 1000)::bigint AS joined_ms,
                 (extract(epoch FROM o.expires_at) * 1000)::bigint AS expires_ms
               FROM "#
            + $memberships
            + " JOIN users u ON u.id = m.user_id
               LEFT JOIN one_time_tokens o ON o.tenant_id = m.tenant_id AND o.user_id = m.user_id "
            + $clauses,
            $($parameter),+
        )
    };
}

/// The members that a search has found.
#[derive(Debug)]
pub struct FoundMembers {
    /// At most 50 members and invitations, ordered by name.
    pub members: Vec<TenantMember>,
    /// Whether more people match the search.
    pub has_more: bool,
}

/// A member or an invitation, as it is stored.
struct MemberRow {
    id: Uuid,
    role: String,
    status: String,
    name: String,
    email: String,
    created_us: i64,
    joined_ms: Option<i64>,
    expires_ms: Option<i64>,
}

impl MemberRow {
    fn into_member(self) -> Result<TenantMember, Error> {
        Ok(TenantMember {
            id: self.id,
            name: self.name,
            email: self.email,
            role: parse_role(&self.role)?,
            status: InvitationStatus::from_text(&self.status)
                .ok_or_else(|| Error::unexpected("invitation status", &self.status))?,
            invited_at: Timestamp::from_microseconds(self.created_us),
            joined_at: self.joined_ms.map(Timestamp),
            expires_at: self.expires_ms.map(Timestamp),
        })
    }
}

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
    read(engine, by, async |transaction, tenant| read_members(transaction, tenant, None, page).await).await
}

/// Finds the members of a tenant and the invited persons whose name or address starts with a text. The case of
/// letters does not matter.
///
/// # Errors
/// Those of [`list_members`].
pub async fn search_members(engine: &Engine, by: &TenantCaller, text: &str) -> Result<FoundMembers, Error> {
    let prefix = search_text(text.trim()).to_lowercase();
    read(engine, by, async |transaction, tenant| find_members(transaction, tenant, &prefix).await).await
}

/// Reads from a tenant if the caller may see its members.
async fn read<T>(
    engine: &Engine,
    by: &TenantCaller,
    read: impl AsyncFnOnce(&mut Transaction, Uuid) -> Result<T, Error>,
) -> Result<T, Error> {
    let (tenant, account) = match by {
        TenantCaller::Key(_) => return Err(ErrorCode::Forbidden.into()),
        TenantCaller::Actor { tenant, .. } => (tenant, None),
        TenantCaller::Member { account, tenant } => (tenant, Some(account)),
    };
    let id = find_tenant(engine, tenant).await?;
    let mut transaction = engine.pool().begin().await?;
    if let Some(account) = account {
        require_member(&mut transaction, account, id).await?;
    }
    let found = read(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(found)
}

/// Reads the members, newest first. With a `user_id`, at most the member with this account.
pub(super) async fn read_members(
    executor: impl PgExecutor<'_>,
    tenant_id: Uuid,
    user_id: Option<Uuid>,
    page: PageRequest,
) -> Result<Page<TenantMember>, Error> {
    let rows = member_rows!(
        "memberships m",
        "WHERE m.tenant_id = $1 AND ($2::uuid IS NULL OR u.id = $2)
           AND ($3::bigint IS NULL
             OR (m.created_at, u.id) < ('epoch'::timestamptz + $3 * interval '1 microsecond', $4::uuid))
         ORDER BY m.created_at DESC, u.id DESC LIMIT $5",
        tenant_id,
        user_id,
        page.after_us(),
        page.after_id(),
        page.limit.rows_to_query()
    )
    .fetch_all(executor)
    .await?;
    Page::new(rows, page.limit, |row| Cursor { created_us: row.created_us, id: row.id })
        .try_map(MemberRow::into_member)
}

async fn find_members(
    executor: impl PgExecutor<'_>,
    tenant_id: Uuid,
    prefix: &str,
) -> Result<FoundMembers, Error> {
    let limit = Limit::default();
    // `OFFSET 0` makes PostgreSQL look up each account; otherwise it may read all members of the tenant.
    let rows = member_rows!(
        "find_members($1, $2, $3) found CROSS JOIN LATERAL (
             SELECT * FROM memberships WHERE tenant_id = $1 AND user_id = found OFFSET 0) m",
        r#"ORDER BY "name!", u.id LIMIT $3"#,
        tenant_id,
        prefix,
        limit.rows_to_query()
    )
    .fetch_all(executor)
    .await?;
    let page = Page::new(rows, limit, |_| ()).try_map(MemberRow::into_member)?;
    Ok(FoundMembers { members: page.rows, has_more: page.next.is_some() })
}
