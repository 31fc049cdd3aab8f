use crate::adoption::{
    report::{Finding, Reason},
    source::EarlierTenant,
};

const TENANTS: &str = "public.tenants";

/// A finding about a tenant of the earlier system.
pub(super) fn finding(tenant: &EarlierTenant, reason: Reason, detail: impl Into<String>) -> Finding {
    Finding {
        table: TENANTS,
        id: tenant.id.clone(),
        slug: tenant.slug.clone(),
        reason,
        detail: detail.into(),
    }
}
