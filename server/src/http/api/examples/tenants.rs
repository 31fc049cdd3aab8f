use std::collections::BTreeMap;

use domain::{
    StepState, TenantStatus, Timestamp,
    defaults::Commission,
    invitation::InvitationStatus,
    mail::{MailKind, MailRecord, MailStatus},
    pipeline::Step,
    plan::QuotaOverrides,
    registry::{
        OwnerName, TenantOwner, TenantPipeline, TenantRecord, TenantResource, TenantStep, TenantSummary,
    },
    tenant::TenantOverview,
};

use super::{
    CODE, CREATED, NAME, OWNER, QUOTAS, SLUG,
    catalog::{default_packages, segment},
    days_later,
    domains::domain,
    id,
    settings::{branding, settings},
    usage::usage,
};

pub(crate) fn tenant_summary() -> TenantSummary {
    TenantSummary {
        id: id(2),
        code: CODE.into(),
        slug: SLUG.into(),
        name: NAME.into(),
        status: TenantStatus::Active,
        plan: "pro".into(),
        owner: Some(OwnerName { name: OWNER.0.into(), email: OWNER.1.into() }),
        pipeline_state: Some(StepState::Succeeded),
        created_at: CREATED,
    }
}

pub(crate) fn tenant_record() -> TenantRecord {
    TenantRecord {
        id: id(2),
        code: CODE.into(),
        slug: SLUG.into(),
        name: NAME.into(),
        short_name: Some("Spoon".into()),
        status: TenantStatus::Active,
        awaits_approval: false,
        plan: "pro".into(),
        quotas: QUOTAS,
        quota_overrides: QuotaOverrides::default(),
        feature_overrides: BTreeMap::new(),
        commission_percent: Commission::default(),
        blueprint: "standard".into(),
        industry: Some("Restaurants".into()),
        external_id: Some("CRM-4711".into()),
        request_id: id(1),
        version: 7,
        created_by: "ci".into(),
        created_at: CREATED,
        activated_at: Some(Timestamp(CREATED.0 + 3_900)),
        suspended_at: None,
        suspension_reason: None,
        deleted_at: None,
        trial_ends_at: None,
        owner: Some(TenantOwner {
            id: id(3),
            name: OWNER.0.into(),
            email: OWNER.1.into(),
            invitation: Some(InvitationStatus::Pending),
            invitation_expires_at: Some(days_later(7)),
        }),
        usage: usage(),
        key_count: 1,
        settings: settings(),
        branding: branding(),
        segments: vec![segment()],
        packages: default_packages(),
        domains: domain().into_iter().collect(),
        resources: vec![TenantResource {
            kind: "database".into(),
            external_reference: "ten-00000012".into(),
            url: None,
            created_at: Timestamp(CREATED.0 + 1_800),
        }],
        pipeline: Some(TenantPipeline {
            state: StepState::Succeeded,
            steps: vec![TenantStep {
                name: Step::CopyDatabase.as_str().into(),
                state: StepState::Succeeded,
                started_at: Some(CREATED),
                finished_at: Some(Timestamp(CREATED.0 + 1_800)),
            }],
        }),
        messages: vec![mail()],
        lifecycle_job: None,
    }
}

/// A message to the owner.
fn mail() -> MailRecord {
    MailRecord {
        id: id(4),
        kind: MailKind::Invitation,
        to: OWNER.1.into(),
        status: MailStatus::Sent,
        created_at: CREATED,
        sent_at: Some(Timestamp(CREATED.0 + 4_200)),
        error: None,
    }
}

pub(crate) fn own_tenant() -> TenantOverview {
    TenantOverview {
        id: id(2),
        code: CODE.into(),
        slug: SLUG.into(),
        name: NAME.into(),
        short_name: None,
        status: TenantStatus::Active,
        plan: "pro".into(),
        quotas: QUOTAS,
        features: ["reports".to_owned()].into(),
        domains: Vec::new(),
        created_at: CREATED,
        activated_at: Some(CREATED),
        trial_ends_at: None,
    }
}
