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
use super::scope::{Access, Scope, TenantCaller};
use crate::{
    Engine, Error,
    page::{Page, PageRequest},
};

/// Returns one page of the API keys of a tenant, newest first.
///
/// # Errors
/// See [`TenantCaller::begin`]; `FORBIDDEN`; the database's error.
pub async fn list_keys(
    engine: &Engine,
    by: &TenantCaller,
    page: PageRequest,
) -> Result<Page<TenantKey>, Error> {
    by.run(engine, Access::Read, async |scope: &mut Scope| {
        scope.require_key_management()?;
        read_keys(&mut scope.transaction, scope.tenant.id, None, page).await
    })
    .await
}

/// Revokes a key pair, which stops working immediately. Does nothing if the pair was revoked before. Audited.
///
/// # Errors
/// See [`TenantCaller::begin`]; `FORBIDDEN`; `RESOURCE_NOT_FOUND` for an unknown key; the database's error.
pub async fn revoke_key(engine: &Engine, by: &TenantCaller, id: Uuid) -> Result<(), Error> {
    let revoked = by.run(engine, Access::Change, async |scope: &mut Scope| {
        scope.require_key_management()?;
        let key = read_key(&mut scope.transaction, scope.tenant.id, id).await?;
        if key.revoked_at.is_none() {
            sqlx::query!("UPDATE api_keys SET revoked_at = clock_timestamp() WHERE id = $1", id)
                .execute(&mut scope.transaction)
                .await?;
            let before = json!({ "keyId": id, "publicKey": key.public_key, "status": key.status });
            scope.record("key.revoked", Some(before), None).await?;
        }
        Ok(scope.tenant.request_id)
    });
    engine.announce(revoked.await?);
    Ok(())
}
