use database::Transaction;
use domain::{
    ErrorCode, Timestamp,
    custom_domain::{CheckResult, DnsRecord, DomainCheck, DomainName, DomainStatus, TenantDomain},
    idempotency_key::IdempotencyKey,
};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::Error;

/// A domain to add.
#[derive(Debug, Clone)]
pub struct NewDomain {
    /// The domain.
    pub domain: DomainName,
    /// A repeated call with the same idempotency key adds nothing.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// Returns the domains of a tenant, oldest first. With an `id`, at most the domain with this ID.
pub(in crate::tenants) async fn read_domains(
    executor: impl PgExecutor<'_>,
    tenant_id: Uuid,
    id: Option<Uuid>,
) -> Result<Vec<TenantDomain>, Error> {
    let rows = sqlx::query!(
        r#"SELECT id, domain, status, token, check_result, check_found,
             (extract(epoch FROM created_at) * 1000)::bigint AS "created_ms!",
             (extract(epoch FROM verified_at) * 1000)::bigint AS verified_ms,
             (extract(epoch FROM checked_at) * 1000)::bigint AS checked_ms
           FROM tenant_domains WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id = $2)
           ORDER BY created_at, id"#,
        tenant_id,
        id
    )
    .fetch_all(executor)
    .await?;
    let unexpected = |what: &str, text: &str| Error::UnexpectedResponse(format!("{what} {text}"));
    let parse = |text: &str| DomainName::parse_ascii(text).map_err(|_| unexpected("domain", text));
    rows.into_iter()
        .map(|row| {
            let domain = parse(&row.domain)?;
            let record = DnsRecord::challenge(&domain, &row.token);
            let result = row
                .check_result
                .as_deref()
                .map(|text| CheckResult::from_text(text).ok_or_else(|| unexpected("check result", text)));
            let last_check = row.checked_ms.zip(result.transpose()?).map(|(at, result)| DomainCheck {
                at: Timestamp(at),
                result,
                message: record.describe(result, &row.check_found),
                found: if result == CheckResult::DnsError { Vec::new() } else { row.check_found },
            });
            Ok(TenantDomain {
                id: row.id,
                domain,
                status: DomainStatus::from_text(&row.status)
                    .ok_or_else(|| unexpected("domain status", &row.status))?,
                record,
                created_at: Timestamp(row.created_ms),
                verified_at: row.verified_ms.map(Timestamp),
                last_check,
            })
        })
        .collect()
}

/// Returns a domain of a tenant.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`; the database's error.
pub(super) async fn find(
    executor: impl PgExecutor<'_>,
    tenant_id: Uuid,
    id: Uuid,
) -> Result<TenantDomain, Error> {
    let found = read_domains(executor, tenant_id, Some(id)).await?;
    found.into_iter().next().ok_or_else(|| ErrorCode::ResourceNotFound.into())
}

/// Returns the code of the other tenant that verified a domain.
pub(super) async fn find_verifier(
    executor: impl PgExecutor<'_>,
    tenant_id: Uuid,
    domain: &DomainName,
) -> Result<Option<String>, Error> {
    let code = sqlx::query_scalar!(
        "SELECT t.code FROM tenant_domains d JOIN tenants t ON t.id = d.tenant_id
         WHERE d.domain = $2 AND d.status = 'verified' AND d.tenant_id <> $1",
        tenant_id,
        domain.as_str()
    )
    .fetch_optional(executor)
    .await?;
    Ok(code)
}

/// Inserts a domain.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED` if a call for another tenant used the key at the same time; the database's error.
pub(super) async fn insert(
    transaction: &mut Transaction,
    tenant_id: Uuid,
    id: Uuid,
    new: &NewDomain,
    token: &str,
) -> Result<(), Error> {
    let inserted = sqlx::query!(
        "INSERT INTO tenant_domains (id, tenant_id, domain, token, idempotency_key) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING",
        id,
        tenant_id,
        new.domain.as_str(),
        token,
        new.idempotency_key.as_ref().map(IdempotencyKey::uuid)
    )
    .execute(transaction)
    .await?;
    match inserted.rows_affected() {
        0 => Err(ErrorCode::IdempotencyKeyReused.into()),
        _ => Ok(()),
    }
}
