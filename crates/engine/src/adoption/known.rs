//! What Tenantry has already: adopted tenants, slugs, and the addresses of employees.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::EXTERNAL_ID_PREFIX;
use crate::{Engine, Error};

/// A tenant that an earlier run adopted.
#[derive(Debug, Clone)]
pub(super) struct KnownTenant {
    pub code: String,
    pub has_owner: bool,
    /// Whether the tenant is active and was never suspended here.
    pub may_be_suspended: bool,
}

/// What Tenantry has already.
#[derive(Debug, Default)]
pub(super) struct ExistingRecords {
    /// By the ID in the earlier system.
    pub adopted: HashMap<String, KnownTenant>,
    /// The idempotency keys of requests that created a tenant, also one that was removed since.
    pub used_keys: HashSet<Uuid>,
    /// The slugs of other tenants, with a name and code of the tenant.
    pub slugs: HashMap<String, String>,
    /// The canonical addresses of employees.
    pub employees: HashSet<String>,
}

impl ExistingRecords {
    /// Reads what concerns these keys, slugs and canonical addresses.
    pub(super) async fn read(
        engine: &Engine,
        keys: &[Uuid],
        slugs: &[String],
        emails: &[String],
    ) -> Result<Self, Error> {
        let pool = engine.pool();
        let adopted = sqlx::query!(
            r#"SELECT external_id AS "external_id!", code, owner_id IS NOT NULL AS "has_owner!",
                 status = 'active' AND NOT EXISTS (
                     SELECT FROM audit_log a WHERE a.subject_kind = 'tenant' AND a.subject_id = t.id
                         AND a.action = 'tenant.suspended') AS "may_be_suspended!"
               FROM tenants t WHERE purged_at IS NULL AND starts_with(external_id, $1)
                 AND created_by IN (SELECT id FROM employees WHERE built_in = 'adoption')"#,
            EXTERNAL_ID_PREFIX
        );
        let adopted = adopted.fetch_all(&pool).await?.into_iter().filter_map(|row| {
            let earlier_id = row.external_id.strip_prefix(EXTERNAL_ID_PREFIX)?.to_owned();
            let (has_owner, may_be_suspended) = (row.has_owner, row.may_be_suspended);
            Some((earlier_id, KnownTenant { code: row.code, has_owner, may_be_suspended }))
        });
        let used_keys = sqlx::query_scalar!(
            "SELECT idempotency_key FROM provisioning_requests
             WHERE operation = 'provision_tenant' AND status <> 'failed' AND idempotency_key = ANY ($1)",
            keys
        );
        let taken = sqlx::query!(
            r#"SELECT t.slug AS "slug!", t.name || ' (' || t.code || ')' AS "holder!"
               FROM tenants t WHERE t.purged_at IS NULL AND t.slug = ANY ($1)
               UNION ALL
               SELECT f.slug, t.name || ' (' || t.code || ')'
               FROM tenant_former_slugs f JOIN tenants t ON t.id = f.tenant_id WHERE f.slug = ANY ($1)"#,
            slugs
        );
        let employees = sqlx::query_scalar!(
            "SELECT u.email_canonical FROM employees e JOIN users u ON u.id = e.user_id
             WHERE u.email_canonical = ANY ($1)",
            emails
        );
        Ok(Self {
            adopted: adopted.collect(),
            used_keys: used_keys.fetch_all(&pool).await?.into_iter().collect(),
            slugs: taken.fetch_all(&pool).await?.into_iter().map(|row| (row.slug, row.holder)).collect(),
            employees: employees.fetch_all(&pool).await?.into_iter().collect(),
        })
    }
}
