//! The ten stages of the atomic core (SPEC section 4), in order.

use serde::{Deserialize, Serialize};

/// One part of the atomic core. The database function stamps each as it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Received,
    Authorized,
    Validated,
    Reserved,
    OwnerCreated,
    TenantCreated,
    DefaultsCreated,
    Verified,
    Queued,
    Completed,
}

impl Stage {
    /// Every stage in the order in which it is reached.
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

    /// The words for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Received => "Received",
            Self::Authorized => "Authorized",
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

    /// What is being done until this stage is reached.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Received => "The key is claimed, the request is on record",
            Self::Authorized => "The role was read from the employees",
            Self::Validated => "Slug and e-mail were checked",
            Self::Reserved => "The tenant's code was drawn",
            Self::OwnerCreated => "The owner's account exists",
            Self::TenantCreated => "The tenant and its membership exist",
            Self::DefaultsCreated => "Settings, branding, segment, packages and keys exist",
            Self::Verified => "What was made was counted",
            Self::Queued => "The external steps are in the outbox",
            Self::Completed => "All of it was committed together",
        }
    }
}

/// When a stage was reached, counted from the start of its attempt.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageMark {
    pub stage: Stage,
    /// Milliseconds since the attempt was received, by the database's clock.
    pub offset_ms: f64,
}
