use domain::{TenantStatus, Timestamp, custom_domain::DomainName, tenant::TenantOverview};

use super::{
    precondition::Tagged,
    quotas::{features_of, quotas_of},
    scope::{Access, Scope, TenantCaller},
};
use crate::{Engine, Error};

/// Returns the tenant, as its own programs see it.
///
/// # Errors
/// See [`TenantCaller::begin`]; the database's error.
pub async fn find_tenant_overview(
    engine: &Engine,
    by: &TenantCaller,
) -> Result<Tagged<TenantOverview>, Error> {
    by.run(engine, Access::Read, async |scope| Tagged::new(read(engine, scope).await?)).await
}

async fn read(engine: &Engine, scope: &mut Scope) -> Result<TenantOverview, Error> {
    let row = sqlx::query!(
        r#"SELECT code, slug, name, short_name, status, plan, quota_overrides, feature_overrides,
             (extract(epoch FROM created_at) * 1000)::bigint AS "created_ms!",
             (extract(epoch FROM activated_at) * 1000)::bigint AS activated_ms,
             (extract(epoch FROM trial_ends_at) * 1000)::bigint AS trial_ends_ms,
             ARRAY(SELECT d.domain FROM tenant_domains d WHERE d.tenant_id = t.id AND d.status = 'verified'
                   ORDER BY d.domain) AS "domains!"
           FROM tenants t WHERE id = $1"#,
        scope.tenant.id
    )
    .fetch_one(&mut scope.transaction)
    .await?;
    let status =
        TenantStatus::from_text(&row.status).ok_or_else(|| Error::unexpected("status", &row.status))?;
    let quotas = quotas_of(engine, &row.plan, row.quota_overrides)?;
    let features = features_of(engine, &row.plan, row.feature_overrides)?;
    let parse = |text: &String| {
        DomainName::parse_ascii(text).map_err(|_| Error::UnexpectedResponse(format!("domain {text}")))
    };
    Ok(TenantOverview {
        id: scope.tenant.id,
        code: row.code,
        slug: row.slug,
        name: row.name,
        short_name: row.short_name,
        status,
        plan: row.plan,
        quotas,
        features,
        domains: row.domains.iter().map(parse).collect::<Result<_, _>>()?,
        created_at: Timestamp(row.created_ms),
        activated_at: row.activated_ms.map(Timestamp),
        trial_ends_at: row.trial_ends_ms.map(Timestamp),
    })
}
