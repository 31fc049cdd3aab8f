use domain::outcome::ProvisionedOwner;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Failure, codec::Json};

/// The API key pair that a page shows once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedKeys {
    /// The public key.
    pub public_key: String,
    /// The secret key. `None` if an earlier response contained it.
    pub secret_key: Option<String>,
}

/// The secrets that an action on a tenant created, and that a page shows once. Every action returns this
/// type, so that the browser's download contains one parser.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedSecrets {
    /// The API key pair.
    pub keys: Option<IssuedKeys>,
    /// The owner, with the invitation link.
    pub owner: Option<ProvisionedOwner>,
}

/// Replaces the key pair `key_id` of a tenant, for employees and for members, and returns the new pair. The
/// replaced pair works for `overlap_hours` more hours. A second call for the same pair is refused, so a repeated
/// call replaces nothing.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `RESOURCE_NOT_FOUND`, `KEY_REPLACED`,
/// `VALIDATION_ERROR` for an invalid overlap, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "rotate_key", input = Json, output = Json)]
pub async fn rotate_key(tenant: String, key_id: String, overlap_hours: u32) -> Result<IssuedKeys, Failure> {
    use super::portal::tenant_caller;
    use crate::server_context::{console, respond_with_error, respond_with_invalid_field};
    use domain::tenant_key::Overlap;
    use engine::tenants::Rotation;

    let by = tenant_caller(&tenant)?;
    let key_id = Some(super::history::parse_id(&key_id)?);
    let overlap = Overlap::from_hours(overlap_hours.into()).map_err(respond_with_invalid_field)?;
    let rotation = Rotation { key_id, overlap, idempotency_key: None };
    let rotated =
        engine::tenants::rotate_key(&console()?.engine, &by, &rotation).await.map_err(respond_with_error)?;
    Ok(IssuedKeys { public_key: rotated.key.public_key, secret_key: rotated.secret_key })
}

/// Creates a key pair with a name, which no other working pair of the tenant has, so a repeated call creates
/// nothing.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `VALIDATION_ERROR` for a name that is invalid or
/// taken, `INVALID_TRANSITION` if the tenant has too many keys, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "create_key", input = Json, output = Json)]
pub async fn create_key(tenant: String, name: String) -> Result<IssuedKeys, Failure> {
    use super::portal::tenant_caller;
    use crate::server_context::{console, respond_with_error, respond_with_invalid_field};
    use engine::tenants::NewKey;

    let by = tenant_caller(&tenant)?;
    let name = domain::tenant_key::parse_key_name(&name).map_err(respond_with_invalid_field)?;
    let new = NewKey { name, idempotency_key: None };
    let created =
        engine::tenants::create_key(&console()?.engine, &by, &new).await.map_err(respond_with_error)?;
    Ok(IssuedKeys { public_key: created.key.public_key, secret_key: created.secret_key })
}

/// Revokes a key pair of a tenant, which stops working immediately.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `RESOURCE_NOT_FOUND`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "revoke_key", input = Json, output = Json)]
pub async fn revoke_key(tenant: String, key_id: String) -> Result<IssuedSecrets, Failure> {
    use crate::server_context::{console, respond_with_error};

    let by = super::portal::tenant_caller(&tenant)?;
    let key_id = super::history::parse_id(&key_id)?;
    engine::tenants::revoke_key(&console()?.engine, &by, key_id).await.map_err(respond_with_error)?;
    Ok(IssuedSecrets::default())
}

/// Creates a new invitation link for the owner of a tenant. The former link stops working. Returns the owner
/// with the link.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `RESOURCE_NOT_FOUND` if the tenant has no owner,
/// `INVITATION_ACCEPTED`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "resend_invitation", input = Json, output = Json)]
pub async fn resend_invitation(tenant: String) -> Result<ProvisionedOwner, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_admin};

    let (employee, console) = (signed_in_admin()?, console()?);
    let by = engine::tenants::TenantCaller::actor(employee, &tenant);
    let resent = engine::tenants::resend_invitation(&console.engine, &by, None, &console.origin)
        .await
        .map_err(respond_with_error)?;
    let invitation = resent.invitation;
    Ok(ProvisionedOwner {
        name: invitation.name,
        email: invitation.email,
        invitation_expires_at: invitation.expires_at.unwrap_or(domain::Timestamp(0)),
        invitation_url: Some(resent.invitation_url),
    })
}
