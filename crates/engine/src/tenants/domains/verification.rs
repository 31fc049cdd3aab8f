use connectors::Dns;
use database::Transaction;
use domain::{
    ErrorCode,
    custom_domain::{CheckResult, DnsRecord, DomainName, DomainStatus, TenantDomain},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    super::lookup::{LockedTenant, find_tenant},
    stored,
};
use crate::{
    Engine, Error,
    access::{Actor, AuditedChange, tenant_change},
};

/// How many of the values that DNS returned are stored.
const STORED_VALUES: usize = 10;

/// What DNS returned about the record of a domain.
struct Answer {
    result: CheckResult,
    /// The values, or the reason why there is no answer.
    found: Vec<String>,
}

/// A tenant's claim of a domain. The row is locked.
struct Claim {
    id: Uuid,
    tenant_id: Uuid,
    request_id: Uuid,
    status: String,
}

/// Checks the DNS record of a domain. If it has the value, the domain becomes verified, and the claims of
/// other tenants become refused. If another tenant verified the domain, the claim becomes refused. Otherwise
/// the result of the check says what was found. Does nothing for a verified domain. Audited, except for
/// checks that change no status.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; `RESOURCE_NOT_FOUND` for an unknown domain; the database's error.
pub async fn verify_domain(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    id: Uuid,
) -> Result<TenantDomain, Error> {
    by.require_provisioning()?;
    let tenant_id = find_tenant(engine, tenant).await?;
    let claimed = stored::find(&engine.pool(), tenant_id, id).await?;
    if claimed.status == DomainStatus::Verified {
        return Ok(claimed);
    }
    // Also if another tenant has verified the domain, because that tenant may remove it before the claims are
    // locked.
    let answer = Answer::ask(Dns::new(engine.domains().dns_server), &claimed.record).await;
    let mut transaction = engine.pool().begin().await?;
    let tenant = LockedTenant::lock(&mut transaction, by, tenant_id).await?;
    let claims = lock_claims(&mut transaction, &claimed.domain).await?;
    let own = claims.iter().find(|claim| claim.id == id).ok_or(ErrorCode::ResourceNotFound)?;
    // Another call may have verified the domain since DNS was asked.
    if own.status != DomainStatus::Verified.as_str() {
        let others: Vec<_> = claims.iter().filter(|claim| claim.id != id).collect();
        settle(&mut transaction, by, &claimed.domain, own, &others, answer).await?;
    }
    let domain = stored::find(&mut transaction, tenant.id, id).await?;
    transaction.commit().await?;
    engine.announce(tenant.request_id);
    Ok(domain)
}

impl Answer {
    /// Asks DNS for the values of a record.
    async fn ask(dns: Dns, record: &DnsRecord) -> Self {
        match dns.find_txt(&record.name).await {
            Ok(mut found) => {
                let result = match found.iter().any(|value| value.trim() == record.value) {
                    true => CheckResult::Verified,
                    false if found.is_empty() => CheckResult::NotFound,
                    false => CheckResult::Mismatch,
                };
                found.truncate(STORED_VALUES);
                Self { result, found }
            }
            Err(failure) => Self { result: CheckResult::DnsError, found: vec![failure.to_string()] },
        }
    }
}

/// Locks all claims of a domain, in the order of their IDs.
async fn lock_claims(transaction: &mut Transaction, domain: &DomainName) -> Result<Vec<Claim>, Error> {
    let claims = sqlx::query_as!(
        Claim,
        "SELECT d.id, d.tenant_id, t.request_id, d.status
         FROM tenant_domains d JOIN tenants t ON t.id = d.tenant_id
         WHERE d.domain = $1 ORDER BY d.id FOR UPDATE OF d",
        domain.as_str()
    )
    .fetch_all(transaction)
    .await?;
    Ok(claims)
}

/// Stores the result of the check, and decides between the claims.
async fn settle(
    transaction: &mut Transaction,
    by: &Actor,
    domain: &DomainName,
    own: &Claim,
    others: &[&Claim],
    answer: Answer,
) -> Result<(), Error> {
    let is_claimed = others.iter().any(|claim| claim.status == DomainStatus::Verified.as_str());
    let (status, result, found) = match answer.result {
        _ if is_claimed => (DomainStatus::Refused, CheckResult::Claimed, Vec::new()),
        CheckResult::Verified => (DomainStatus::Verified, CheckResult::Verified, answer.found),
        result => (DomainStatus::Pending, result, answer.found),
    };
    store(transaction, own.id, status, result, &found).await?;
    if own.status != status.as_str() {
        record(transaction, by, domain, own, status).await?;
    }
    if status == DomainStatus::Verified {
        for other in others.iter().filter(|claim| claim.status == DomainStatus::Pending.as_str()) {
            store(transaction, other.id, DomainStatus::Refused, CheckResult::Claimed, &[]).await?;
            record(transaction, by, domain, other, DomainStatus::Refused).await?;
        }
    }
    Ok(())
}

async fn store(
    transaction: &mut Transaction,
    id: Uuid,
    status: DomainStatus,
    result: CheckResult,
    found: &[String],
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE tenant_domains SET
             status = $2, verified_at = CASE WHEN $2 = 'verified' THEN clock_timestamp() END,
             checked_at = clock_timestamp(), check_result = $3, check_found = $4
         WHERE id = $1",
        id,
        status.as_str(),
        result.as_str(),
        found
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// Adds the new status of a claim to the audit log of its tenant.
async fn record(
    transaction: &mut Transaction,
    by: &Actor,
    domain: &DomainName,
    claim: &Claim,
    status: DomainStatus,
) -> Result<(), Error> {
    let action = match status {
        DomainStatus::Verified => "domain.verified",
        DomainStatus::Refused => "domain.refused",
        DomainStatus::Pending => "domain.reopened",
    };
    let value = |status: &str| json!({ "domainId": claim.id, "domain": domain, "status": status });
    let change = AuditedChange {
        request_id: Some(claim.request_id),
        before: Some(value(&claim.status)),
        after: Some(value(status.as_str())),
        ..tenant_change(action, claim.tenant_id)
    };
    change.record(transaction, by).await
}
