//! Invitations of adopted owners, who need a password in Tenantry.

use super::{EXTERNAL_ID_PREFIX, refusal::is_about_tenant};
use crate::{
    Engine, Error,
    access::Actor,
    tenants::{TenantCaller, resend_invitation},
};

/// The codes of one active tenant for each adopted owner who has not joined and was never sent an invitation.
pub(super) async fn owners_without_invitation(engine: &Engine) -> Result<Vec<String>, Error> {
    let codes = sqlx::query_scalar!(
        r#"SELECT DISTINCT ON (t.owner_id) t.code FROM tenants t
           JOIN memberships m ON m.tenant_id = t.id AND m.user_id = t.owner_id AND m.joined_at IS NULL
           WHERE t.status = 'active' AND starts_with(t.external_id, $1) AND NOT EXISTS (
               SELECT FROM audit_log a JOIN tenants other ON other.id = a.subject_id
               WHERE a.subject_kind = 'tenant' AND a.action = 'invitation.resent' AND other.owner_id = t.owner_id)
           ORDER BY t.owner_id, t.code"#,
        EXTERNAL_ID_PREFIX
    );
    Ok(codes.fetch_all(&engine.pool()).await?)
}

/// Sends each of these owners one invitation. The first password of a person also accepts the invitations to the
/// person's other tenants. Returns the number of invitations.
pub(super) async fn invite(engine: &Engine, codes: &[String], origin: &str) -> Result<usize, Error> {
    let mut sent = 0;
    for code in codes {
        match resend_invitation(engine, &TenantCaller::actor(Actor::Operator, code), None, origin).await {
            Ok(_) => sent += 1,
            Err(Error::Refused(problem)) if is_about_tenant(problem.code) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}
