use domain::{
    ErrorCode, RequestStatus, Stage, StepState, TenantStatus, Timestamp,
    defaults::{DEFAULT_PACKAGES, DEFAULT_SEGMENT, DefaultPackage},
    history::{Attempt, AuditEntry, RequestDetail, RequestSummary, StepAttempt, StepDetail, TenantAccess},
    invitation::InvitationStatus,
    outcome::{
        Provisioned, ProvisionedOwner, ProvisionedPackage, ProvisionedPipeline, ProvisionedSegment,
        ProvisionedStep, ProvisionedTenant,
    },
    pipeline::Step,
    stage::StageTime,
};
use serde_json::{Value, json};

use super::{CODE, CREATED, NAME, OWNER, PUBLIC_KEY, SLUG, days_later, id, invitations::invitation_url};

const IDEMPOTENCY_KEY: &str = "6b1f6d2e-6d0c-4f4e-9d55-0c2f3a8b7e10";

/// The body that provisions a tenant.
pub(crate) fn new_tenant() -> Value {
    json!({
        "name": NAME, "slug": SLUG, "plan": "pro", "timeZone": "Europe/Madrid", "currency": "EUR",
        "owner": { "name": OWNER.0, "email": OWNER.1 }, "commission": 12.5, "externalId": "CRM-4711",
        "settings": { "supportEmail": "help@goldenspoon.example", "locale": "es-ES" },
        "branding": { "colorPrimary": "#075985" },
    })
}

pub(crate) fn provisioned() -> Provisioned {
    let package = |(number, package): (u128, DefaultPackage)| ProvisionedPackage {
        id: Some(id(number)),
        slug: package.slug.into(),
        name: package.name.into(),
        base_price: package.price_minor,
    };
    let step = |step: &Step| ProvisionedStep { name: step.as_str().into(), state: StepState::Pending };
    Provisioned {
        request_id: id(1),
        tenant: ProvisionedTenant {
            id: id(2),
            code: CODE.into(),
            slug: SLUG.into(),
            name: NAME.into(),
            status: TenantStatus::Provisioning,
            api_key_public: PUBLIC_KEY.into(),
            commission_percent: 12.5,
            is_active: false,
            created_at: CREATED,
        },
        owner: Some(ProvisionedOwner {
            name: OWNER.0.into(),
            email: OWNER.1.into(),
            invitation_expires_at: days_later(7),
            invitation_url: Some(invitation_url()),
        }),
        secret_key: Some("sk_live_golden-spoon_…".into()),
        secret_key_revealed: false,
        segment: ProvisionedSegment {
            id: Some(id(9)),
            slug: DEFAULT_SEGMENT.slug.into(),
            name: DEFAULT_SEGMENT.name.into(),
        },
        packages: (10..).zip(DEFAULT_PACKAGES).map(package).collect(),
        pipeline: ProvisionedPipeline {
            state: StepState::Pending,
            steps: Step::ALL.iter().map(step).collect(),
        },
        stages: stages(),
    }
}

pub(crate) fn request() -> RequestSummary {
    RequestSummary {
        id: id(1),
        status: RequestStatus::Completed,
        code: None,
        name: NAME.into(),
        slug: SLUG.into(),
        owner_email: OWNER.1.into(),
        tenant_code: Some(CODE.into()),
        requested_by: "ci".into(),
        created_at: CREATED,
        elapsed_ms: Some(3.6),
        attempts: 1,
        redacted_at: None,
    }
}

/// A request whose first step is retried.
pub(crate) fn request_detail() -> RequestDetail {
    let failed = StepAttempt {
        number: 1,
        started_at: CREATED,
        finished_at: Some(Timestamp(CREATED.0 + 250)),
        outcome: Some("failed".into()),
        code: Some(ErrorCode::ConnectorTimeout),
        message: Some("The server did not respond within 30 s.".into()),
    };
    let copy = StepDetail {
        name: Step::CopyDatabase.as_str().into(),
        state: StepState::Retrying,
        attempt_count: 1,
        wait_code: None,
        due_at: Some(Timestamp(CREATED.0 + 2_250)),
        reference: Some(SLUG.into()),
        may_skip: false,
        attempts: vec![failed],
    };
    RequestDetail {
        summary: request(),
        idempotency_key: IDEMPOTENCY_KEY.into(),
        attempt_log: vec![Attempt {
            number: 1,
            status: RequestStatus::Completed,
            code: None,
            constraint: None,
            message: None,
            started_at: CREATED,
            finished_at: Some(Timestamp(CREATED.0 + 4)),
            stages: stages(),
        }],
        payload: new_tenant(),
        awaits_owner: false,
        tenant_status: Some(TenantStatus::Provisioning),
        outcome: Some(provisioned().replayed()),
        problem: None,
        steps: vec![copy],
        rollback: None,
        audit: vec![AuditEntry { at: CREATED, actor: "ci".into(), action: "tenant.provisioned".into() }],
        access: Some(TenantAccess {
            key_id: id(3).to_string(),
            public_key: PUBLIC_KEY.into(),
            invitation: Some(InvitationStatus::Pending),
        }),
    }
}

fn stages() -> Vec<StageTime> {
    let mark =
        |(position, stage)| StageTime { stage, offset_ms: f64::from(position) * 0.4, not_applicable: false };
    (0_u8..).zip(Stage::ALL).map(mark).collect()
}
