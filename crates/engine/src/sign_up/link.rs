use domain::{
    ErrorCode, Timestamp,
    availability::SlugAvailability,
    sign_up::{VerifiedSignUp, wished_slug},
};
use uuid::Uuid;

use super::slug::check_without_conflict;
use crate::{Engine, Error, secret::hash};

/// How many days a sign-up is kept after its link has expired. Until then, the page of a used link says that
/// it was used.
const RETENTION_DAYS: i32 = 7;

/// What the link of a sign-up leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignUpLink {
    /// The person can choose a password, and create the tenant.
    Open {
        /// The sign-up.
        sign_up: Box<VerifiedSignUp>,
        /// Whether the slug is available. `None` if the person must choose a slug.
        slug: Option<SlugAvailability>,
    },
    /// The address has an account with a password: from this sign-up, or from elsewhere. No link changes a
    /// password.
    HasAccount,
}

/// A stored sign-up.
#[derive(Debug)]
pub(super) struct StoredSignUp {
    pub id: Uuid,
    pub sign_up: VerifiedSignUp,
    /// The request that created the tenant.
    pub request_id: Option<Uuid>,
    /// Whether the address belongs to an employee, or to an account with a password.
    pub has_account: bool,
}

/// Returns the sign-up of a link. Does not use the link up, because programs that check mails open links,
/// too.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for an expired, replaced or unknown link, and while nobody can sign up; the
/// database's error.
pub async fn find_sign_up(engine: &Engine, token: &str) -> Result<SignUpLink, Error> {
    engine.require_sign_up()?;
    let StoredSignUp { sign_up, has_account, request_id, .. } = read_sign_up(engine, token).await?;
    if has_account {
        return Ok(SignUpLink::HasAccount);
    }
    let slug = match &sign_up.slug {
        // The tenant has the slug already, because the call that created the tenant was interrupted.
        Some(_) if request_id.is_some() => Some(SlugAvailability {
            available: true,
            conflict: None,
            earlier_tenant: None,
            suggestions: Vec::new(),
        }),
        Some(slug) => Some(check_without_conflict(engine, slug, Some(&sign_up.company)).await?),
        None => None,
    };
    Ok(SignUpLink::Open { sign_up: Box::new(sign_up), slug })
}

/// Reads the sign-up of a link. A link whose tenant was created, but whose owner has no password, works also
/// after it has expired.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`; the database's error.
pub(super) async fn read_sign_up(engine: &Engine, token: &str) -> Result<StoredSignUp, Error> {
    let row = sqlx::query!(
        r#"SELECT s.id, s.company, s.name, s.email, s.slug, r.id AS "request_id?", r.slug AS "tenant_slug?",
             (extract(epoch FROM s.expires_at) * 1000)::bigint AS "expires_ms!",
             EXISTS (SELECT FROM users u WHERE u.email_canonical = s.email_canonical AND (u.password_hash IS NOT NULL
                 OR EXISTS (SELECT FROM employees e WHERE e.user_id = u.id))) AS "has_account!"
           FROM sign_ups s
           LEFT JOIN provisioning_requests r ON r.idempotency_key = s.id AND r.operation = 'provision_tenant'
               AND r.status = 'completed'
           WHERE s.token_hash = $1 AND (s.expires_at > now() OR r.id IS NOT NULL)"#,
        &hash(token)[..]
    )
    .fetch_optional(&engine.pool())
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    let slug = row.tenant_slug.or(row.slug);
    Ok(StoredSignUp {
        id: row.id,
        request_id: row.request_id,
        has_account: row.has_account,
        sign_up: VerifiedSignUp {
            slug: wished_slug(slug.as_deref(), &row.company),
            company: row.company,
            name: row.name,
            email: row.email,
            expires_at: Timestamp(row.expires_ms),
        },
    })
}

/// Deletes the sign-ups whose links expired more than a week ago.
///
/// # Errors
/// The database's error.
pub(crate) async fn delete_expired_sign_ups(engine: &Engine) -> Result<(), Error> {
    sqlx::query!("DELETE FROM sign_ups WHERE expires_at < now() - make_interval(days => $1)", RETENTION_DAYS)
        .execute(&engine.pool())
        .await?;
    Ok(())
}
