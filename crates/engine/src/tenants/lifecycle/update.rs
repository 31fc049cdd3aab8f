use domain::{
    ErrorCode, Problem, TenantStatus, Timestamp,
    lifecycle::{ChangedTenant, TenantChanges},
    slug::Slug,
};
use serde_json::{Map, Value, json};

use super::{
    super::{lookup::find_tenant, precondition::Precondition},
    change::Change,
};
use crate::{Engine, Error, access::Actor, adoption::EXTERNAL_ID_PREFIX, provisioning::check_slug};

/// Changes the name, short name, slug, plan, quotas, features, commission or trial of a tenant. The former slug
/// still finds the tenant, and no other tenant can have it. Audited, unless nothing changes.
///
/// # Errors
/// `FORBIDDEN`; `VALIDATION_ERROR` for a plan that is not configured; `TENANT_NOT_FOUND`;
/// `PRECONDITION_REQUIRED` without a version; `PRECONDITION_FAILED` if the tenant has another one;
/// `INVALID_TRANSITION` while steps run that read these values; `DUPLICATE_SLUG`; the database's error.
pub async fn update_tenant(
    engine: &Engine,
    by: &Actor,
    tenant: &str,
    precondition: &Precondition,
    changes: &TenantChanges,
) -> Result<ChangedTenant, Error> {
    by.require_provisioning()?;
    if changes.plan.as_ref().is_some_and(|plan| engine.plan(plan).is_none()) {
        let errors = vec![TenantChanges::unknown_plan()];
        return Err(Problem { errors, ..ErrorCode::ValidationError.into() }.into());
    }
    let id = find_tenant(engine, tenant).await?;
    let mut change = Change::begin(engine, by, id).await?;
    if change.tenant.status == TenantStatus::Deleted {
        return Err(ErrorCode::TenantNotFound.into());
    }
    check_version(precondition, change.tenant.version)?;
    if change.tenant.status == TenantStatus::Provisioning {
        return Err(change.refuse("provisioning", "Change it after its last step."));
    }
    let (before, after) = differences(&change.tenant, changes);
    if after.is_empty() {
        return Ok(change.tenant);
    }
    let stored = match require_free_in_earlier_system(&mut change, changes).await {
        Ok(()) => store(&mut change, changes).await,
        taken => taken,
    };
    match stored {
        Err(error) if error.problem().code == ErrorCode::DuplicateSlug => {
            drop(change);
            Err(with_suggestions(engine, error, changes).await)
        }
        Err(error) => Err(error),
        Ok(()) => change.finish("tenant.updated", before.into(), after.into()).await,
    }
}

/// Checks that the call names the current version. An entity tag of a tenant begins with its version, such as
/// `"7"` or `"7-1f0c"`.
fn check_version(precondition: &Precondition, version: u32) -> Result<(), Error> {
    let version_of = |tag: &String| tag.trim_matches('"').split('-').next()?.parse::<u32>().ok();
    match precondition {
        Precondition::Missing => Err(ErrorCode::PreconditionRequired.into()),
        Precondition::OneOf(tags) if !tags.iter().any(|tag| version_of(tag) == Some(version)) => {
            Err(ErrorCode::PreconditionFailed.into())
        }
        _ => Ok(()),
    }
}

/// Checks that no tenant of the earlier system has the new slug, except for the one that became this tenant.
async fn require_free_in_earlier_system(
    change: &mut Change<'_>,
    changes: &TenantChanges,
) -> Result<(), Error> {
    let Some(slug) = &changes.slug else { return Ok(()) };
    let is_taken = sqlx::query_scalar!(
        r#"SELECT earlier_slugs(ARRAY[$2], (
               SELECT substr(external_id, length($3) + 1) FROM tenants
               WHERE id = $1 AND starts_with(external_id, $3)
                 AND created_by IN (SELECT id FROM employees WHERE built_in = 'adoption'))) ? $2 AS "is_taken!""#,
        change.tenant.id,
        slug.as_str(),
        EXTERNAL_ID_PREFIX
    )
    .fetch_one(&mut change.transaction)
    .await?;
    if is_taken { Err(ErrorCode::DuplicateSlug.into()) } else { Ok(()) }
}

async fn store(change: &mut Change<'_>, changes: &TenantChanges) -> Result<(), Error> {
    let basis_points = changes.commission.map(|commission| i32::from(commission.basis_points()));
    sqlx::query!(
        "UPDATE tenants SET
             name = coalesce($2, name), slug = coalesce($3, slug), plan = coalesce($4, plan),
             commission_basis_points = coalesce($5, commission_basis_points),
             short_name = CASE WHEN $6 THEN $7 ELSE short_name END,
             trial_ends_at = CASE WHEN $8 THEN 'epoch'::timestamptz + $9 * interval '1 millisecond'
                 ELSE trial_ends_at END,
             quota_overrides = coalesce($10, quota_overrides), feature_overrides = coalesce($11, feature_overrides)
         WHERE id = $1",
        change.tenant.id,
        changes.name.as_deref(),
        changes.slug.as_ref().map(Slug::as_str),
        changes.plan.as_deref(),
        basis_points,
        changes.short_name.is_some(),
        changes.short_name.clone().flatten(),
        changes.trial_ends_at.is_some(),
        changes.trial_ends_at.flatten().map(|Timestamp(ms)| ms) as Option<i64>,
        changes.quotas.map(|quotas| json!(quotas)),
        changes.features.as_ref().map(|features| json!(features))
    )
    .execute(&mut change.transaction)
    .await?;
    Ok(())
}

/// Returns the values that differ, before and after the change.
fn differences(tenant: &ChangedTenant, changes: &TenantChanges) -> (Map<String, Value>, Map<String, Value>) {
    let (mut before, mut after) = (Map::new(), Map::new());
    let mut compare = |name: &str, former: Value, new: Option<Value>| {
        if let Some(new) = new.filter(|new| *new != former) {
            before.insert(name.into(), former);
            after.insert(name.into(), new);
        }
    };
    compare("name", json!(tenant.name), changes.name.as_ref().map(|name| json!(name)));
    compare("shortName", json!(tenant.short_name), changes.short_name.as_ref().map(|name| json!(name)));
    compare("slug", json!(tenant.slug), changes.slug.as_ref().map(|slug| json!(slug)));
    compare("plan", json!(tenant.plan), changes.plan.as_ref().map(|plan| json!(plan)));
    compare("quotas", json!(tenant.quota_overrides), changes.quotas.map(|quotas| json!(quotas)));
    let features = changes.features.as_ref().map(|features| json!(features));
    compare("features", json!(tenant.feature_overrides), features);
    let commission = changes.commission.map(|commission| json!(commission));
    compare("commissionPercent", json!(tenant.commission_percent), commission);
    compare("trialEndsAt", json!(tenant.trial_ends_at), changes.trial_ends_at.map(|at| json!(at)));
    (before, after)
}

/// Adds the tenant that has the slug, and available slugs, to the problem of a slug that is taken.
async fn with_suggestions(engine: &Engine, error: Error, changes: &TenantChanges) -> Error {
    let Some(slug) = &changes.slug else { return error };
    let problem = Problem { subject: Some(slug.to_string()), constraint: None, ..error.problem() };
    match check_slug(engine, slug, changes.name.as_deref()).await {
        Ok(found) => Problem {
            conflict: found.conflict,
            earlier_tenant: found.earlier_tenant,
            suggestions: found.suggestions,
            ..problem
        }
        .into(),
        Err(_) => problem.into(),
    }
}
