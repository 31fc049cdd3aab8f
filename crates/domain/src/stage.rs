//! The ten stages of the atomic core (`docs/specification.md`, section 4), in order.

use serde::{Deserialize, Serialize};

/// A stage of the atomic core. The database function records the time at which each is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The request is recorded.
    Received,
    /// The employee may provision.
    Authorized,
    /// The slug and the owner's e-mail address are available, and the time zone exists.
    Validated,
    /// The tenant code is assigned.
    Reserved,
    /// The owner's account exists.
    OwnerCreated,
    /// The tenant exists.
    TenantCreated,
    /// The defaults exist.
    DefaultsCreated,
    /// The records are verified.
    Verified,
    /// The external steps are queued.
    Queued,
    /// Everything is committed.
    Completed,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 10] = [
        Self::Received,
        Self::Authorized,
        Self::Validated,
        Self::Reserved,
        Self::OwnerCreated,
        Self::TenantCreated,
        Self::DefaultsCreated,
        Self::Verified,
        Self::Queued,
        Self::Completed,
    ];

    /// The display name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Received => "Received",
            Self::Authorized => "Authorised",
            Self::Validated => "Validated",
            Self::Reserved => "Reserved",
            Self::OwnerCreated => "Owner created",
            Self::TenantCreated => "Tenant created",
            Self::DefaultsCreated => "Defaults created",
            Self::Verified => "Verified",
            Self::Queued => "Queued",
            Self::Completed => "Completed",
        }
    }

    /// A sentence that is true once the stage is reached.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Received => "The request and its idempotency key were recorded",
            Self::Authorized => "The employee's role allows provisioning",
            Self::Validated => "Slug and e-mail address are available",
            Self::Reserved => "The tenant code was assigned",
            Self::OwnerCreated => "The owner's account was created",
            Self::TenantCreated => "The tenant and the owner's membership were created",
            Self::DefaultsCreated => "Settings, branding, segment, packages and API keys were created",
            Self::Verified => "All created records were verified",
            Self::Queued => "The external steps were queued",
            Self::Completed => "Everything was committed in one transaction",
        }
    }
}

/// The time at which an attempt reached a stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StageTime {
    /// The stage.
    pub stage: Stage,
    /// Milliseconds since the start of the attempt, by the clock of the database.
    pub offset_ms: f64,
    /// Whether the stage had nothing to do, because the tenant was created without an owner.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_applicable: bool,
}
