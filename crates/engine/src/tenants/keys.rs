//! The API keys of a tenant.

mod creation;
mod issue;
mod rotation;
mod stored;

pub use creation::{NewKey, create_key};
pub use rotation::{Rotation, rotate_key, rotate_own_key};

use domain::tenant_key::TenantKey;
use serde_json::json;
use uuid::Uuid;

use self::stored::{read_key, read_keys};
use super::lookup::{LockedTenant, find_tenant};
use crate::{
    Engine, Error,
    access::Actor,
    page::{Page, PageRequest},
};

/// Returns one page of the API keys of a tenant, newest first.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; the database's error.
pub async fn list_keys(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    page: PageRequest,
) -> Result<Page<TenantKey>, Error> {
    by.require_provisioning()?;
    let tenant_id = find_tenant(engine, tenant).await?;
    read_keys(&engine.pool(), tenant_id, None, page).await
}

/// Revokes a key pair, which stops working immediately. Does nothing if the pair was revoked before. Audited.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; `RESOURCE_NOT_FOUND` for an unknown key; the database's error.
pub async fn revoke_key(engine: &Engine, by: &Actor, tenant: &str, id: Uuid) -> Result<(), Error> {
    let (mut transaction, tenant) = LockedTenant::begin_change(engine, by, tenant).await?;
    let key = read_key(&mut transaction, tenant.id, id).await?;
    if key.revoked_at.is_none() {
        sqlx::query!("UPDATE api_keys SET revoked_at = clock_timestamp() WHERE id = $1", id)
            .execute(&mut transaction)
            .await?;
        let before = json!({ "keyId": id, "publicKey": key.public_key, "status": key.status });
        tenant.change("key.revoked", Some(before), None).record(&mut transaction, by).await?;
    }
    transaction.commit().await?;
    engine.announce(tenant.request_id);
    Ok(())
}
