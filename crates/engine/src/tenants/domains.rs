//! The custom domains of tenants. A tenant proves that it controls a domain with a DNS record. Several
//! tenants can claim a domain, but only one can have verified it.
//!
//! A call that verifies a domain asks DNS before its transaction, because the answer can take seconds. The
//! transaction locks all claims of the domain in the order of their IDs, so that of several verifications at
//! once one succeeds.

mod domain_settings;
mod stored;
mod verification;

use database::Transaction;
use domain::{
    ErrorCode, FieldProblem, Problem,
    custom_domain::{DomainName, MAX_DOMAINS, TenantDomain},
    idempotency_key::IdempotencyKey,
};
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

pub(super) use self::stored::read_domains;
pub use self::{domain_settings::DomainSettings, stored::NewDomain, verification::verify_domain};
use super::{
    lookup::{LockedTenant, find_tenant},
    repeated_call::RepeatedCall,
};
use crate::{Engine, Error, access::Actor, secret::new_token};

/// Returns the domains of a tenant, oldest first. A tenant has at most [`MAX_DOMAINS`].
///
/// # Errors
/// `TENANT_NOT_FOUND`; the database's error.
pub async fn list_domains(engine: &Engine, tenant: &str) -> Result<Vec<TenantDomain>, Error> {
    let tenant_id = find_tenant(engine, tenant).await?;
    read_domains(&engine.pool(), tenant_id, None).await
}

/// Adds a domain to a tenant. Returns it with the DNS record to set, and whether an earlier call with the
/// same idempotency key added it. Audited.
///
/// # Errors
/// `FORBIDDEN`; `VALIDATION_ERROR` for a domain of the platform; `TENANT_NOT_FOUND`; `DUPLICATE_KEY` if the
/// tenant has the domain, or another tenant verified it; `INVALID_TRANSITION` if the tenant has
/// [`MAX_DOMAINS`]; `IDEMPOTENCY_KEY_REUSED` if the idempotency key belongs to another call; the database's
/// error.
pub async fn add_domain(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    new: &NewDomain,
) -> Result<(TenantDomain, bool), Error> {
    by.require_provisioning()?;
    engine.domains().check(&new.domain)?;
    let (mut transaction, tenant) = LockedTenant::begin_change(engine, by, tenant).await?;
    if let Some(added) = find_added(engine, &mut transaction, &tenant, new).await? {
        transaction.commit().await?;
        return Ok((added, true));
    }
    require_free(&mut transaction, &tenant, &new.domain).await?;
    let id = Uuid::now_v7();
    stored::insert(&mut transaction, tenant.id, id, new, new_token("").expose_secret()).await?;
    let after = json!({ "domainId": id, "domain": new.domain });
    tenant.change("domain.added", None, Some(after)).record(&mut transaction, by).await?;
    let added = stored::find(&mut transaction, tenant.id, id).await?;
    transaction.commit().await?;
    engine.announce(tenant.request_id);
    Ok((added, false))
}

/// Removes a domain from a tenant. Another tenant can then verify it. A repeated call that added the domain
/// still returns it. Audited.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; `RESOURCE_NOT_FOUND` for an unknown domain; the database's error.
pub async fn remove_domain(engine: &Engine, by: &Actor, tenant: &str, id: Uuid) -> Result<(), Error> {
    let (mut transaction, tenant) = LockedTenant::begin_change(engine, by, tenant).await?;
    let removed = stored::find(&mut transaction, tenant.id, id).await?;
    let key = sqlx::query_scalar!("DELETE FROM tenant_domains WHERE id = $1 RETURNING idempotency_key", id)
        .fetch_one(&mut transaction)
        .await?;
    let key = key.map(IdempotencyKey::from_uuid).transpose();
    if let Some(key) = key.map_err(|problem| Error::UnexpectedResponse(problem.to_string()))? {
        let call = repeated_call(engine, &key, &removed.domain);
        call.store_response(&mut transaction, tenant.id, &removed).await?;
    }
    let before = json!({ "domainId": id, "domain": removed.domain, "status": removed.status });
    tenant.change("domain.removed", Some(before), None).record(&mut transaction, by).await?;
    transaction.commit().await?;
    engine.announce(tenant.request_id);
    Ok(())
}

/// A call that adds a domain. Its response is stored when the domain is removed.
fn repeated_call(engine: &Engine, key: &IdempotencyKey, domain: &DomainName) -> RepeatedCall {
    RepeatedCall::new(engine, key, &json!({ "domain": domain }))
}

/// Returns the domain that an earlier call with the same idempotency key added, also if it was removed since.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED` if that call was for another tenant or another domain.
async fn find_added(
    engine: &Engine,
    transaction: &mut Transaction,
    tenant: &LockedTenant,
    new: &NewDomain,
) -> Result<Option<TenantDomain>, Error> {
    let Some(key) = &new.idempotency_key else { return Ok(None) };
    let found = sqlx::query!(
        "SELECT id, tenant_id, domain FROM tenant_domains WHERE idempotency_key = $1",
        key.uuid()
    )
    .fetch_optional(&mut *transaction)
    .await?;
    match found {
        None => {
            let call = repeated_call(engine, key, &new.domain);
            call.find_response(transaction, tenant.id).await
        }
        Some(found) if found.tenant_id == tenant.id && found.domain == new.domain.as_str() => {
            stored::find(transaction, tenant.id, found.id).await.map(Some)
        }
        Some(_) => Err(ErrorCode::IdempotencyKeyReused.into()),
    }
}

/// Fails if the tenant has the domain or too many of them, or if another tenant verified it.
async fn require_free(
    transaction: &mut Transaction,
    tenant: &LockedTenant,
    domain: &DomainName,
) -> Result<(), Error> {
    let own = read_domains(&mut *transaction, tenant.id, None).await?;
    if own.iter().any(|other| other.domain == *domain) {
        return Err(taken("The tenant has this domain."));
    }
    if let Some(code) = stored::find_verifier(&mut *transaction, tenant.id, domain).await? {
        return Err(taken(&format!("The tenant {code} verified this domain.")));
    }
    if own.len() >= MAX_DOMAINS.into() {
        let message = format!("The tenant has {MAX_DOMAINS} domains. Remove one first.");
        let errors = vec![FieldProblem::new("", "too_many_domains", &message)];
        return Err(Problem { errors, ..ErrorCode::InvalidTransition.into() }.into());
    }
    Ok(())
}

fn taken(message: &str) -> Error {
    let errors = vec![FieldProblem::new("domain", "taken", message)];
    Problem { errors, ..ErrorCode::DuplicateKey.into() }.into()
}
