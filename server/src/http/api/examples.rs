//! The example values of the OpenAPI document. They are values of the types that the API serialises, so that
//! an example cannot have other fields than a response.

use std::collections::BTreeMap;

use domain::{
    ErrorCode, RequestStatus, Role, Stage, StepState, TenantStatus, Timestamp,
    access::{EmployeeName, EmployeeStatus, EmployeeSummary, SessionSummary, TokenStatus, TokenSummary},
    branding::TenantBranding,
    catalog::{Package, Segment},
    defaults::{BookingType, Commission, DEFAULT_PACKAGES, DEFAULT_SEGMENT, DefaultPackage, ThemePreset},
    history::{Attempt, AuditEntry, RequestDetail, RequestSummary, StepAttempt, StepDetail, TenantAccess},
    invitation::{Invitation, InvitationStatus, ResentInvitation},
    lifecycle::{ChangedTenant, NamedOwner, OwnerAccount, restorable_until},
    outcome::{
        Provisioned, ProvisionedOwner, ProvisionedPackage, ProvisionedPipeline, ProvisionedSegment,
        ProvisionedStep, ProvisionedTenant,
    },
    pipeline::Step,
    plan::{QuotaOverrides, Quotas},
    registry::{
        OwnerName, TenantOwner, TenantPipeline, TenantRecord, TenantResource, TenantStep, TenantSummary,
    },
    settings::TenantSettings,
    stage::StageTime,
    tenant::TenantOverview,
    tenant_key::{DEFAULT_NAME, IssuedKey, KeyStatus, TenantKey},
    usage::{Metric, Usage},
};
use serde_json::{Value, json};
use uuid::Uuid;

const QUOTAS: Quotas =
    Quotas { max_users: Some(25), max_monthly_quotes: Some(1_000), max_storage_gb: Some(10) };
const CODE: &str = "TEN-00000012";
const NAME: &str = "Golden Spoon";
const SLUG: &str = "golden-spoon";
const OWNER: (&str, &str) = ("Mara Ortiz", "mara@goldenspoon.example");
const PUBLIC_KEY: &str = "pk_live_golden-spoon_2XzhTfe5x1ZEknVpiqBihyzRswBsiMiJN2KHXfF";
const NEXT_PUBLIC_KEY: &str = "pk_live_golden-spoon_1QVEt9JX3u70A2YUZbQWz5kfaiGsXRRZQ2DvLXZ";
const IDEMPOTENCY_KEY: &str = "6b1f6d2e-6d0c-4f4e-9d55-0c2f3a8b7e10";

/// 2026-11-21T07:14:00.000Z.
const CREATED: Timestamp = Timestamp(1_795_245_240_000);

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x019a_a5b0_7c40_7000_8000_0000_0000_0000 + number)
}

const fn days_later(days: i64) -> Timestamp {
    Timestamp(CREATED.0 + days * 86_400_000)
}

/// The body that provisions a tenant.
pub(super) fn new_tenant() -> Value {
    json!({
        "name": NAME, "slug": SLUG, "plan": "pro", "timeZone": "Europe/Madrid", "currency": "EUR",
        "owner": { "name": OWNER.0, "email": OWNER.1 }, "commission": 12.5, "externalId": "CRM-4711",
        "settings": { "supportEmail": "help@goldenspoon.example", "locale": "es-ES" },
        "branding": { "colorPrimary": "#075985" },
    })
}

pub(super) fn provisioned() -> Provisioned {
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

pub(super) fn tenant_summary() -> TenantSummary {
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

pub(super) fn tenant_record() -> TenantRecord {
    TenantRecord {
        id: id(2),
        code: CODE.into(),
        slug: SLUG.into(),
        name: NAME.into(),
        short_name: Some("Spoon".into()),
        status: TenantStatus::Active,
        plan: "pro".into(),
        quotas: QUOTAS,
        quota_overrides: QuotaOverrides::default(),
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
        packages: (10..).zip(DEFAULT_PACKAGES).map(default_package).collect(),
        domains: super::domains::example().into_iter().collect(),
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
        lifecycle_job: None,
    }
}

fn default_package((number, package): (u128, DefaultPackage)) -> Package {
    Package {
        id: id(number),
        slug: package.slug.into(),
        name: package.name.into(),
        description: package.description.into(),
        base_price: package.price_minor,
        price: "0.00".into(),
        currency: "EUR".into(),
        booking_type: package.booking_type,
        grouping_order: package.grouping_order,
        active: true,
        segment: DEFAULT_SEGMENT.slug.into(),
    }
}

fn invitation_url() -> String {
    format!("https://console.example.com{}", domain::paths::invitation("…"))
}

fn stages() -> Vec<StageTime> {
    let mark =
        |(position, stage)| StageTime { stage, offset_ms: f64::from(position) * 0.4, not_applicable: false };
    (0_u8..).zip(Stage::ALL).map(mark).collect()
}

pub(super) fn request() -> RequestSummary {
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
pub(super) fn request_detail() -> RequestDetail {
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

pub(super) fn key() -> TenantKey {
    TenantKey {
        id: id(3),
        name: DEFAULT_NAME.into(),
        public_key: PUBLIC_KEY.into(),
        status: KeyStatus::Active,
        created_at: CREATED,
        last_used_at: None,
        expires_at: None,
        revoked_at: None,
        replaced_by: None,
    }
}

pub(super) fn created_key() -> IssuedKey {
    let rotated = rotated_key();
    IssuedKey { key: TenantKey { name: "Website".into(), ..rotated.key }, ..rotated }
}

pub(super) fn rotated_key() -> IssuedKey {
    IssuedKey {
        key: TenantKey { id: id(4), public_key: NEXT_PUBLIC_KEY.into(), created_at: days_later(90), ..key() },
        secret_key: Some("sk_live_golden-spoon_…".into()),
        secret_key_revealed: false,
        next_step: None,
    }
}

pub(super) fn own_tenant() -> TenantOverview {
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

pub(super) fn settings() -> TenantSettings {
    TenantSettings {
        company_name: NAME.into(),
        support_email: Some("help@goldenspoon.example".into()),
        support_phone: Some("+34 600 123 456".into()),
        website_url: None,
        time_zone: "Europe/Madrid".into(),
        currency: "EUR".into(),
        locale: "es-ES".into(),
        email_from_name: None,
        email_from_address: None,
    }
}

pub(super) fn branding() -> TenantBranding {
    let theme = ThemePreset::Ocean;
    TenantBranding {
        theme: theme.to_string(),
        logo_url: None,
        color_primary: theme.primary().into(),
        color_secondary: theme.secondary().into(),
        color_accent: theme.accent().into(),
    }
}

pub(super) fn segment() -> Segment {
    Segment {
        id: id(9),
        slug: DEFAULT_SEGMENT.slug.into(),
        name: DEFAULT_SEGMENT.name.into(),
        hero_title: DEFAULT_SEGMENT.hero_title.into(),
        description: DEFAULT_SEGMENT.description.into(),
        sort_order: DEFAULT_SEGMENT.sort_order,
        active: true,
    }
}

/// The body that creates a package.
pub(super) fn new_package() -> Value {
    json!({ "name": "Sunset Cruise", "basePrice": 4950, "bookingType": "TIMESLOT" })
}

pub(super) fn package() -> Package {
    Package {
        id: id(13),
        slug: "sunset-cruise".into(),
        name: "Sunset Cruise".into(),
        description: String::new(),
        base_price: 4950,
        price: "49.50".into(),
        currency: "EUR".into(),
        booking_type: BookingType::TimeSlot,
        grouping_order: 0,
        active: true,
        segment: DEFAULT_SEGMENT.slug.into(),
    }
}

pub(super) fn usage() -> Vec<Usage> {
    let usage = |metric, period: Option<&str>, used| Usage {
        metric,
        period: period.map(str::to_owned),
        used,
        limit: QUOTAS.limit(metric),
    };
    vec![
        usage(Metric::Users, None, 1),
        usage(Metric::Quotes, Some("2026-11"), 3),
        usage(Metric::StorageBytes, None, 1_500_000_000),
    ]
}

/// The body that reports usage.
pub(super) fn usage_report() -> Value {
    json!({ "metric": Metric::Quotes, "quantity": 3 })
}

pub(super) fn invitation() -> Invitation {
    Invitation {
        id: id(5),
        name: OWNER.0.into(),
        email: OWNER.1.into(),
        role: "owner".into(),
        status: InvitationStatus::Pending,
        expires_at: Some(days_later(7)),
    }
}

/// A tenant after a change of its life.
pub(super) fn changed_tenant(status: TenantStatus) -> ChangedTenant {
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

pub(super) fn named_owner() -> NamedOwner {
    NamedOwner {
        tenant: changed_tenant(TenantStatus::Active),
        invitation_url: Some(invitation_url()),
        invitation_expires_at: Some(days_later(7)),
    }
}

pub(super) fn resent_invitation() -> ResentInvitation {
    ResentInvitation { invitation: invitation(), invitation_url: invitation_url() }
}

pub(super) fn employee() -> EmployeeSummary {
    EmployeeSummary {
        id: id(6),
        name: "Ada Park".into(),
        email: "ada@example.com".into(),
        role: Role::Admin,
        status: EmployeeStatus::Active,
        has_password: false,
        created_at: CREATED,
    }
}

pub(super) fn token() -> TokenSummary {
    TokenSummary {
        id: id(7),
        name: "ci".into(),
        role: Role::Admin,
        status: TokenStatus::Active,
        created_by: Some(EmployeeName { id: id(6), name: "Ada Park".into() }),
        created_at: CREATED,
        expires_at: days_later(90),
        last_used_at: None,
        revoked_at: None,
    }
}

pub(super) fn session() -> SessionSummary {
    SessionSummary {
        id: id(8),
        employee: EmployeeName { id: id(6), name: "Ada Park".into() },
        created_at: CREATED,
        last_seen_at: CREATED,
        expires_at: Timestamp(CREATED.0 + 8 * 3_600_000),
        is_current: true,
    }
}

pub(super) fn slug_availability() -> Value {
    json!({
        "slug": SLUG, "available": false, "reason": "taken",
        "conflict": { "code": CODE, "name": NAME, "restorableUntil": null },
        "suggestions": ["golden-spoon-2", "golden-spoon-es", "goldenspoon"],
    })
}

pub(super) fn email_availability() -> Value {
    json!({ "email": OWNER.1, "available": true, "reason": null, "conflict": null })
}

pub(super) fn employee_with_link() -> Value {
    let mut employee = json!(employee());
    employee["setupUrl"] = format!("https://console.example.com{}", domain::paths::setup("…")).into();
    employee["setupUrlRevealed"] = false.into();
    employee["setupExpiresAt"] = json!(days_later(7));
    employee
}

pub(super) fn created_token() -> Value {
    json!({
        "id": id(7), "name": "ci", "role": Role::Viewer, "token": "tnt_admin_…", "tokenRevealed": false,
        "expiresAt": days_later(30),
    })
}
