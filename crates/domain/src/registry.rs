//! The registry of tenants (`docs/specification.md`, section 9): its filters, its rows, and one tenant with
//! everything that belongs to it.

mod record;

pub use record::{LifecycleJob, TenantOwner, TenantPipeline, TenantRecord, TenantResource, TenantStep};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    StepState, TenantStatus, Timestamp,
    list_filter::{FilterField, ListFilter},
    text_form::text_enum,
};

text_enum! {
    /// The order of the registry.
    TenantSort {
        /// Newest first.
        Created = "created",
        /// By name, without regard to case. Accented letters follow `z`.
        Name = "name",
        /// By the spelling of the status, and newest first within a status.
        Status = "status",
    }
}

/// The filters and the order of the registry, as in the query string of its page. An empty filter matches
/// every tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(default)]
pub struct TenantFilter {
    /// The beginning of a name, a slug or the owner's e-mail address, or a complete tenant code, ID, external ID
    /// or e-mail address of a member.
    #[cfg_attr(feature = "openapi", param(example = "golden"))]
    pub q: String,
    /// The status of the tenants.
    #[cfg_attr(feature = "openapi", param(value_type = TenantStatus, example = "active"))]
    pub status: String,
    /// The name of the tenants' plan.
    #[cfg_attr(feature = "openapi", param(pattern = "^([a-z][a-z0-9-]{0,39})?$", example = "pro"))]
    pub plan: String,
    /// The order: by default, newest first.
    #[cfg_attr(feature = "openapi", param(inline, value_type = TenantSort, example = "name"))]
    pub sort: String,
    /// The cursor of the page: the `next` of the previous page.
    #[cfg_attr(feature = "openapi", param(pattern = r"^(.+\.[0-9a-f]{32})?$", format = "cursor"))]
    pub after: String,
}

impl ListFilter for TenantFilter {
    const PARAMETERS: &'static [(&'static str, FilterField<Self>)] = &[
        ("q", |filter| &mut filter.q),
        ("status", |filter| &mut filter.status),
        ("plan", |filter| &mut filter.plan),
        ("sort", |filter| &mut filter.sort),
        ("after", Self::after),
    ];

    fn after(&mut self) -> &mut String {
        &mut self.after
    }
}

impl TenantFilter {
    /// Whether any filter is set.
    pub fn is_filtered(&self) -> bool {
        [&self.q, &self.status, &self.plan].iter().any(|text| !text.is_empty())
    }
}

/// One page of the registry, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TenantList {
    /// The tenants of this page.
    pub tenants: Vec<TenantSummary>,
    /// The value of `after` for the next page; null on the last page.
    pub next: Option<String>,
}

/// One row of the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantSummary {
    /// The ID of the tenant.
    pub id: Uuid,
    /// The tenant code.
    pub code: String,
    /// The slug.
    pub slug: String,
    /// The name.
    pub name: String,
    /// The status.
    pub status: TenantStatus,
    /// The name of the plan.
    pub plan: String,
    /// The owner. Null for a tenant without an owner.
    pub owner: Option<OwnerName>,
    /// The state of the job that sets the tenant up in external systems.
    pub pipeline_state: Option<StepState>,
    /// When the tenant was created.
    pub created_at: Timestamp,
}

/// The name and the address of an owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnerName {
    /// The name.
    pub name: String,
    /// The e-mail address as it was entered.
    pub email: String,
}

/// How many tenants have a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusCount {
    /// The status.
    pub status: TenantStatus,
    /// The number of tenants, at most [`StatusCount::MAX`].
    pub count: u32,
}

impl StatusCount {
    /// The highest number that is counted. A higher number is reported as this one.
    pub const MAX: u32 = 10_000;
}
