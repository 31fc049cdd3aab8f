use domain::{
    ErrorCode, catalog::format_price, defaults::Currency, registry::TenantRecord, slug::Slug,
    tenant_code::TenantCode,
};
use serde_json::{Value, json};

use crate::{
    Engine, Error,
    secret::hash,
    tenants::{domains::read_domains, lookup::TenantReference, quotas::quotas_of, usage::read_usage},
};

/// Returns the tenant with this ID, code, slug or former slug, also if the tenant is deleted, with everything
/// that belongs to it.
///
/// # Errors
/// `TENANT_NOT_FOUND`, also for a purged tenant; the database's error.
pub async fn read_tenant(engine: &Engine, reference: &str) -> Result<TenantRecord, Error> {
    let reference = TenantReference::parse(reference);
    let mut record = sqlx::query_scalar!(
        r#"SELECT jsonb_build_object(
             'id', t.id, 'code', t.code, 'slug', t.slug, 'name', t.name, 'shortName', t.short_name,
             'status', t.status, 'awaitsApproval', t.awaits_approval, 'plan', t.plan, 'quotaOverrides', t.quota_overrides,
             'featureOverrides', t.feature_overrides, 'commissionPercent', t.commission_basis_points / 100.0,
             'blueprint', t.blueprint, 'industry', t.industry, 'externalId', t.external_id,
             'requestId', t.request_id, 'version', t.version, 'createdBy', e.name,
             'createdAt', rfc3339(t.created_at),
             'activatedAt', rfc3339(t.activated_at), 'suspendedAt', rfc3339(t.suspended_at),
             'suspensionReason', t.suspension_reason, 'deletedAt', rfc3339(t.deleted_at), 'trialEndsAt', rfc3339(t.trial_ends_at),
             'owner', (
                 SELECT jsonb_build_object('id', u.id, 'name', u.name, 'email', u.email,
                     'invitation', invitation_status(u, o), 'invitationExpiresAt', rfc3339(o.expires_at))
                 FROM users u LEFT JOIN one_time_tokens o ON o.tenant_id = t.id AND o.user_id = u.id
                 WHERE u.id = t.owner_id),
             'keyCount', (
                 SELECT count(*) FROM api_keys k WHERE k.tenant_id = t.id AND k.revoked_at IS NULL
                     AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())),
             'settings', (
                 SELECT jsonb_build_object('companyName', coalesce(s.company_name, t.name),
                     'supportEmail', s.support_email, 'supportPhone', s.support_phone,
                     'websiteUrl', s.website_url, 'timeZone', s.time_zone, 'currency', s.currency,
                     'locale', s.locale, 'emailFromName', s.email_from_name,
                     'emailFromAddress', s.email_from_address)
                 FROM tenant_settings s WHERE s.tenant_id = t.id),
             'branding', (
                 SELECT jsonb_build_object('theme', b.theme, 'logoUrl', b.logo_url,
                     'colorPrimary', b.color_primary, 'colorSecondary', b.color_secondary,
                     'colorAccent', b.color_accent)
                 FROM tenant_branding b WHERE b.tenant_id = t.id),
             'segments', (
                 SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'slug', s.slug, 'name', s.name,
                     'heroTitle', s.hero_title, 'description', s.description, 'sortOrder', s.sort_order,
                     'active', s.active) ORDER BY s.sort_order, s.slug), '[]')
                 FROM segments s WHERE s.tenant_id = t.id),
             'packages', (
                 SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'slug', p.slug, 'name', p.name,
                     'description', p.description, 'basePrice', p.base_price, 'bookingType', p.booking_type,
                     'groupingOrder', p.grouping_order, 'active', p.active, 'segment', s.slug)
                     ORDER BY s.sort_order, s.slug, p.grouping_order, p.slug), '[]')
                 FROM packages p JOIN segments s ON s.id = p.segment_id WHERE p.tenant_id = t.id),
             'resources', (
                 SELECT coalesce(jsonb_agg(jsonb_build_object('kind', r.kind,
                     'externalReference', r.external_reference, 'url', r.url,
                     'createdAt', rfc3339(r.created_at)) ORDER BY r.created_at, r.kind), '[]')
                 FROM tenant_resources r WHERE r.tenant_id = t.id),
             'pipeline', (
                 -- If every step was skipped, the steps are only in the response of the request.
                 SELECT jsonb_build_object('state', j.state, 'steps', coalesce(
                     (SELECT jsonb_agg(jsonb_build_object('name', s.name, 'state', s.state,
                         'startedAt', rfc3339(s.started_at), 'finishedAt', rfc3339(s.finished_at))
                         ORDER BY s.position)
                      FROM job_steps s WHERE s.job_id = j.id),
                     r.response #> '{pipeline,steps}', '[]'))
                 FROM jobs j JOIN provisioning_requests r ON r.id = j.request_id
                 WHERE j.request_id = t.request_id),
             'messages', (
                 SELECT coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'kind', m.kind, 'to', m.recipient_address,
                     'status', m.status, 'createdAt', rfc3339(m.created_at), 'sentAt', rfc3339(m.sent_at),
                     'error', m.error) ORDER BY m.created_at DESC), '[]')
                 FROM (SELECT * FROM outbox_messages WHERE tenant_id = t.id ORDER BY created_at DESC LIMIT 10) m),
             'lifecycleJob', (
                 SELECT jsonb_build_object('kind', j.kind, 'state', j.state, 'createdAt', rfc3339(j.created_at),
                     'steps', (
                         SELECT coalesce(jsonb_agg(jsonb_build_object('name', s.name, 'state', s.state,
                             'startedAt', rfc3339(s.started_at), 'finishedAt', rfc3339(s.finished_at))
                             ORDER BY s.position), '[]')
                         FROM job_steps s WHERE s.job_id = j.id))
                 FROM jobs j WHERE j.tenant_id = t.id AND (j.kind = 'purge' OR is_lifecycle_kind(j.kind))
                 ORDER BY j.created_at DESC LIMIT 1)) AS "record!"
           FROM tenants t JOIN employees e ON e.id = t.created_by
           WHERE (t.id = $1 OR t.code = $2 OR t.slug = $3
                  OR t.id = (SELECT tenant_id FROM tenant_former_slugs WHERE slug = $3)) AND t.purged_at IS NULL
           ORDER BY t.id = $1 DESC NULLS LAST LIMIT 1"#,
        reference.id,
        reference.code.as_ref().map(TenantCode::as_str),
        reference.slug.as_ref().map(Slug::as_str)
    )
    .fetch_optional(&engine.pool())
    .await?
    .ok_or(ErrorCode::TenantNotFound)?;
    let plan = record["plan"].as_str().unwrap_or_default().to_owned();
    record["quotas"] = json!(quotas_of(engine, &plan, record["quotaOverrides"].clone())?);
    let id = serde_json::from_value(record["id"].clone())?;
    record["usage"] = json!(read_usage(engine, &engine.pool(), id).await?);
    record["domains"] = json!(read_domains(&engine.pool(), id, None).await?);
    add_prices(&mut record)?;
    Ok(serde_json::from_value(record)?)
}

/// Adds the price with decimals and the currency to each package.
fn add_prices(record: &mut Value) -> Result<(), Error> {
    let code = record["settings"]["currency"].as_str().unwrap_or_default().to_owned();
    let currency = Currency::parse(&code).map_err(|_| Error::unexpected("currency", &code))?;
    for package in record["packages"].as_array_mut().into_iter().flatten() {
        package["price"] = format_price(package["basePrice"].as_i64().unwrap_or_default(), currency).into();
        package["currency"] = code.as_str().into();
    }
    Ok(())
}

/// Returns the strong entity tag of a record (RFC 9110), which changes with every part of the record. It
/// begins with the version of the tenant, which [`update_tenant`](crate::tenants::update_tenant) reads.
pub fn entity_tag(record: &TenantRecord) -> String {
    let hash = hash(&serde_json::to_string(record).unwrap_or_default());
    let digits: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{}-{digits}\"", record.version)
}
