use std::collections::BTreeMap;

use domain::{
    TenantStatus,
    defaults::Commission,
    lifecycle::{ChangedTenant, NamedOwner, OwnerAccount, restorable_until},
    plan::QuotaOverrides,
};

use super::{CODE, CREATED, NAME, OWNER, SLUG, days_later, id, invitations::invitation_url};

/// A tenant after a change of its life.
pub(crate) fn changed_tenant(status: TenantStatus) -> ChangedTenant {
    let when = |wanted| (status == wanted).then_some(days_later(30));
    ChangedTenant {
        id: id(2),
        code: CODE.into(),
        slug: SLUG.into(),
        name: NAME.into(),
        short_name: None,
        status,
        plan: "pro".into(),
        quota_overrides: QuotaOverrides::default(),
        feature_overrides: BTreeMap::new(),
        commission_percent: Commission::default(),
        owner: Some(OwnerAccount { id: id(5), name: OWNER.0.into(), email: OWNER.1.into() }),
        trial_ends_at: None,
        created_at: CREATED,
        activated_at: Some(CREATED),
        suspended_at: when(TenantStatus::Suspended),
        suspension_reason: when(TenantStatus::Suspended).map(|_| "The invoice is unpaid.".into()),
        deleted_at: when(TenantStatus::Deleted),
        restorable_until: when(TenantStatus::Deleted).map(|deleted| restorable_until(deleted.0)),
        status_before_deletion: when(TenantStatus::Deleted).map(|_| TenantStatus::Active),
        version: 7,
    }
}

pub(crate) fn changed_owner_account(email: &str) -> NamedOwner {
    let mut named = named_owner();
    if let Some(owner) = &mut named.tenant.owner {
        owner.email = email.into();
    }
    named
}

pub(crate) fn named_owner() -> NamedOwner {
    NamedOwner {
        tenant: changed_tenant(TenantStatus::Active),
        invitation_url: Some(invitation_url()),
        invitation_expires_at: Some(days_later(7)),
    }
}
