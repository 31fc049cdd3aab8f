//! What a tenant uses of its quotas.

use domain::{
    ErrorCode, Problem,
    idempotency_key::IdempotencyKey,
    usage::{Metric, Usage, UsageReport},
};
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{
    quotas::quotas_of,
    repeated_call::RepeatedCall,
    scope::{Access, Scope, TenantCaller},
};
use crate::{Engine, Error};

/// Returns the use of each metric.
///
/// # Errors
/// See [`TenantCaller::begin`]; the database's error.
pub async fn list_usage(engine: &Engine, by: &TenantCaller) -> Result<Vec<Usage>, Error> {
    by.run(engine, Access::Read, async |scope| {
        read_usage(engine, &mut scope.transaction, scope.tenant.id).await
    })
    .await
}

/// Records reported use. Returns the use after the report, and whether an earlier call with the same
/// idempotency key recorded it.
///
/// # Errors
/// See [`TenantCaller::begin`]; `QUOTA_EXCEEDED` with the use before the report; `IDEMPOTENCY_KEY_REUSED`; the
/// database's error.
pub async fn report_usage(
    engine: &Engine,
    by: &TenantCaller,
    report: UsageReport,
    idempotency_key: &IdempotencyKey,
    body: &Value,
) -> Result<(Usage, bool), Error> {
    let call = RepeatedCall::new(engine, idempotency_key, body);
    // The call locks the tenant, so that two reports cannot both use the rest of a quota.
    by.run(engine, Access::Change, async |scope| {
        if let Some(usage) = call.find_response(&mut scope.transaction, scope.tenant.id).await? {
            return Ok((usage, true));
        }
        let usages = read_usage(engine, &mut scope.transaction, scope.tenant.id).await?;
        let mut usage = usages
            .into_iter()
            .find(|usage| usage.metric == report.metric)
            .ok_or_else(|| Error::unexpected("metric", report.metric))?;
        if let Some(problem) = report.exceeds(&usage) {
            return Err(Problem { errors: vec![problem], ..ErrorCode::QuotaExceeded.into() }.into());
        }
        usage.used = report.amount_after(usage.used);
        store(scope, &usage).await?;
        call.store_response(&mut scope.transaction, scope.tenant.id, &usage).await?;
        Ok((usage, false))
    })
    .await
}

async fn store(scope: &mut Scope, usage: &Usage) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO tenant_usage AS u (tenant_id, metric, period, used) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, metric, period)
         DO UPDATE SET used = excluded.used, updated_at = excluded.updated_at",
        scope.tenant.id,
        usage.metric.as_str(),
        usage.period.as_deref().unwrap_or_default(),
        usage.used
    )
    .execute(&mut scope.transaction)
    .await?;
    Ok(())
}

/// Reads the use of each metric.
///
/// # Errors
/// `TENANT_NOT_FOUND`; the database's error.
pub(super) async fn read_usage(
    engine: &Engine,
    executor: impl PgExecutor<'_>,
    tenant_id: Uuid,
) -> Result<Vec<Usage>, Error> {
    let row = sqlx::query!(
        r#"SELECT t.plan, t.quota_overrides, month.period AS "period!",
             (SELECT count(*) FROM memberships m WHERE m.tenant_id = t.id) AS "users!",
             coalesce((SELECT used FROM tenant_usage u
                       WHERE u.tenant_id = t.id AND u.metric = 'quotes' AND u.period = month.period), 0) AS "quotes!",
             coalesce((SELECT used FROM tenant_usage u
                       WHERE u.tenant_id = t.id AND u.metric = 'storage_bytes'), 0) AS "storage_bytes!"
           FROM tenants t, (SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM') AS period) month
           WHERE t.id = $1"#,
        tenant_id
    )
    .fetch_optional(executor)
    .await?
    .ok_or(ErrorCode::TenantNotFound)?;
    let quotas = quotas_of(engine, &row.plan, row.quota_overrides)?;
    let usage = |metric, period, used| Usage { metric, period, used, limit: quotas.limit(metric) };
    Ok(vec![
        usage(Metric::Users, None, row.users),
        usage(Metric::Quotes, Some(row.period), row.quotes),
        usage(Metric::StorageBytes, None, row.storage_bytes),
    ])
}
