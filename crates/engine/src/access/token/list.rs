use domain::{
    Role, Timestamp,
    access::{EmployeeName, TokenStatus, TokenSummary},
};
use uuid::Uuid;

use super::parse_stored_scopes;
use crate::{
    Engine, Error,
    access::Actor,
    page::{Cursor, Page, PageRequest},
};

/// A row of the query for tokens.
struct TokenRow {
    id: Uuid,
    name: String,
    role: String,
    scopes: Option<Vec<String>>,
    status: String,
    creator_id: Option<Uuid>,
    creator_name: Option<String>,
    created_us: i64,
    expires_ms: i64,
    last_used_ms: Option<i64>,
    revoked_ms: Option<i64>,
}

impl TokenRow {
    fn into_summary(self) -> Result<TokenSummary, Error> {
        Ok(TokenSummary {
            id: self.id,
            name: self.name,
            role: Role::from_text(&self.role).ok_or_else(|| Error::unexpected("role", &self.role))?,
            scopes: parse_stored_scopes(self.scopes)?,
            status: TokenStatus::from_text(&self.status)
                .ok_or_else(|| Error::unexpected("status", &self.status))?,
            created_by: self.creator_id.zip(self.creator_name).map(|(id, name)| EmployeeName { id, name }),
            created_at: Timestamp::from_microseconds(self.created_us),
            expires_at: Timestamp(self.expires_ms),
            last_used_at: self.last_used_ms.map(Timestamp),
            revoked_at: self.revoked_ms.map(Timestamp),
        })
    }
}

/// Returns one page of the tokens, newest first. A SUPER_ADMIN and the operator see all tokens. Other
/// actors see the token that they use, the tokens that they created, and the tokens created with these.
///
/// # Errors
/// The database's error.
pub async fn list_tokens(
    engine: &Engine,
    actor: &Actor,
    page: PageRequest,
) -> Result<Page<TokenSummary>, Error> {
    let rows = sqlx::query_as!(
        TokenRow,
        r#"SELECT t.id, e.name, e.role, e.scopes,
             CASE WHEN t.revoked_at IS NOT NULL OR e.status <> 'active' THEN 'revoked'
                  WHEN t.expires_at <= now() THEN 'expired' ELSE 'active' END AS "status!",
             c.id AS "creator_id?", c.name AS "creator_name?",
             (extract(epoch FROM t.created_at) * 1000000)::bigint AS "created_us!",
             (extract(epoch FROM t.expires_at) * 1000)::bigint AS "expires_ms!",
             (extract(epoch FROM t.last_used_at) * 1000)::bigint AS last_used_ms,
             (extract(epoch FROM t.revoked_at) * 1000)::bigint AS revoked_ms
           FROM admin_tokens t JOIN employees e ON e.id = t.employee_id LEFT JOIN employees c ON c.id = e.created_by
           WHERE ($1::uuid IS NULL OR e.id = $1 OR e.id IN (SELECT services_of($1)))
             AND ($2::bigint IS NULL
               OR (t.created_at, t.id) < ('epoch'::timestamptz + $2 * interval '1 microsecond', $3::uuid))
           ORDER BY t.created_at DESC, t.id DESC LIMIT $4"#,
        actor.own_id(),
        page.after_us(),
        page.after_id(),
        page.limit.rows_to_query()
    )
    .fetch_all(&engine.pool())
    .await?;
    Page::new(rows, page.limit, |row| Cursor { created_us: row.created_us, id: row.id })
        .try_map(TokenRow::into_summary)
}
