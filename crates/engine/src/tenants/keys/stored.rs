use database::Transaction;
use domain::{
    ErrorCode, Timestamp,
    tenant_key::{KeyStatus, TenantKey},
};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{
    Error,
    page::{Cursor, Page, PageRequest},
};

pub(super) async fn read_key(
    transaction: &mut Transaction,
    tenant_id: Uuid,
    id: Uuid,
) -> Result<TenantKey, Error> {
    let page = read_keys(&mut *transaction, tenant_id, Some(id), PageRequest::default()).await?;
    page.rows.into_iter().next().ok_or_else(|| ErrorCode::ResourceNotFound.into())
}

/// Returns one page of the key pairs, newest first. With an `id`, at most the pair with this ID.
pub(super) async fn read_keys(
    executor: impl PgExecutor<'_>,
    tenant_id: Uuid,
    id: Option<Uuid>,
    page: PageRequest,
) -> Result<Page<TenantKey>, Error> {
    let rows = sqlx::query!(
        r#"SELECT k.id, k.name, k.public_key, n.id AS "replaced_by?",
             CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at IS NULL THEN 'active'
                  WHEN k.expires_at > clock_timestamp() THEN 'expiring' ELSE 'expired' END AS "status!",
             (extract(epoch FROM k.created_at) * 1000000)::bigint AS "created_us!",
             (extract(epoch FROM k.last_used_at) * 1000)::bigint AS last_used_ms,
             (extract(epoch FROM k.expires_at) * 1000)::bigint AS expires_ms,
             (extract(epoch FROM k.revoked_at) * 1000)::bigint AS revoked_ms
           FROM api_keys k LEFT JOIN api_keys n ON n.replaces = k.id
           WHERE k.tenant_id = $1 AND ($2::uuid IS NULL OR k.id = $2)
             AND ($3::bigint IS NULL
               OR (k.created_at, k.id) < ('epoch'::timestamptz + $3 * interval '1 microsecond', $4::uuid))
           ORDER BY k.created_at DESC, k.id DESC LIMIT $5"#,
        tenant_id,
        id,
        page.after_us(),
        page.after_id(),
        page.limit.rows_to_query()
    )
    .fetch_all(executor)
    .await?;
    Page::new(rows, page.limit, |row| Cursor { created_us: row.created_us, id: row.id }).try_map(|row| {
        Ok(TenantKey {
            id: row.id,
            name: row.name,
            public_key: row.public_key,
            status: KeyStatus::from_text(&row.status)
                .ok_or_else(|| Error::unexpected("key status", &row.status))?,
            created_at: Timestamp::from_microseconds(row.created_us),
            last_used_at: row.last_used_ms.map(Timestamp),
            expires_at: row.expires_ms.map(Timestamp),
            revoked_at: row.revoked_ms.map(Timestamp),
            replaced_by: row.replaced_by,
        })
    })
}
