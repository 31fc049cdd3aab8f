use domain::{
    TenantStatus,
    member::{MemberRole, Membership},
};

use crate::{Engine, Error, access::Account};

/// Returns the tenants of an account, by name: those that it has joined, and those to which it is invited with
/// a link that can still be used. Deleted tenants are not included.
///
/// # Errors
/// The database's error.
pub async fn list_memberships(engine: &Engine, account: &Account) -> Result<Vec<Membership>, Error> {
    let rows = sqlx::query!(
        r#"SELECT t.id, t.code, t.slug, t.name, t.plan, t.status, b.color_primary, m.role,
             m.joined_at IS NOT NULL AS "has_joined!"
           FROM memberships m JOIN tenants t ON t.id = m.tenant_id
           JOIN tenant_branding b ON b.tenant_id = t.id
           WHERE m.user_id = $1 AND t.status <> 'deleted'
             AND (m.joined_at IS NOT NULL OR EXISTS (
               SELECT FROM one_time_tokens o WHERE o.tenant_id = m.tenant_id AND o.user_id = m.user_id
                 AND o.used_at IS NULL AND o.revoked_at IS NULL AND o.expires_at > now()))
           ORDER BY t.name, t.id"#,
        account.id
    )
    .fetch_all(&engine.pool())
    .await?;
    let memberships = rows.into_iter().map(|row| {
        Ok(Membership {
            status: TenantStatus::from_text(&row.status)
                .ok_or_else(|| Error::unexpected("tenant status", &row.status))?,
            role: MemberRole::from_text(&row.role)
                .ok_or_else(|| Error::unexpected("member role", &row.role))?,
            tenant_id: row.id,
            code: row.code,
            slug: row.slug,
            name: row.name,
            plan: row.plan,
            color_primary: row.color_primary,
            has_joined: row.has_joined,
        })
    });
    memberships.collect()
}
