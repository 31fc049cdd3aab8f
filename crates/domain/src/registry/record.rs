use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Role, StepState, TenantStatus, Timestamp,
    branding::Color,
    defaults::{BookingType, Commission},
    invitation::InvitationStatus,
    plan::Plan,
};

/// A tenant with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantRecord {
    /// The ID of the tenant.
    pub id: Uuid,
    /// The tenant code.
    pub code: String,
    /// The slug.
    pub slug: String,
    /// The name.
    pub name: String,
    /// A short form of the name.
    pub short_name: Option<String>,
    /// The status.
    pub status: TenantStatus,
    /// The plan.
    pub plan: Plan,
    /// The limits in effect: those of the plan, unless the tenant has its own.
    pub quotas: TenantQuotas,
    /// The commission in percent.
    pub commission_percent: Commission,
    /// The name of the blueprint.
    pub blueprint: String,
    /// The industry.
    pub industry: Option<String>,
    /// The ID of the tenant in another system.
    pub external_id: Option<String>,
    /// The ID of the provisioning request that created the tenant.
    pub request_id: Uuid,
    /// The name of the employee who provisioned the tenant.
    pub created_by: String,
    /// When the tenant was created.
    pub created_at: Timestamp,
    /// When the tenant became active for the first time.
    pub activated_at: Option<Timestamp>,
    /// When the tenant was suspended.
    pub suspended_at: Option<Timestamp>,
    /// When the tenant was deleted.
    pub deleted_at: Option<Timestamp>,
    /// When the trial of the tenant ends.
    pub trial_ends_at: Option<Timestamp>,
    /// The owner. `None` for a tenant without an owner.
    pub owner: Option<TenantOwner>,
    /// How many accounts belong to the tenant.
    pub member_count: u32,
    /// How many API key pairs work.
    pub key_count: u32,
    /// The settings.
    pub settings: TenantSettings,
    /// The branding.
    pub branding: TenantBranding,
    /// The segments, in order.
    pub segments: Vec<TenantSegment>,
    /// The packages, in order.
    pub packages: Vec<TenantPackage>,
    /// What the steps created in external systems, by kind.
    pub resources: Vec<TenantResource>,
    /// The job that sets the tenant up in external systems. `None` if the tenant has no job.
    pub pipeline: Option<TenantPipeline>,
}

impl TenantRecord {
    /// Removes the fields that this role must not see: only admins see the state of an invitation.
    #[must_use]
    pub fn for_role(mut self, role: Role) -> Self {
        if !role.may_provision() {
            let owners = self.owner.iter_mut();
            owners.for_each(|owner| (owner.invitation, owner.invitation_expires_at) = (None, None));
        }
        self
    }
}

/// The limits of a tenant; `None` means unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantQuotas {
    /// The maximum number of accounts.
    pub max_users: Option<u64>,
    /// The maximum number of price quotes in a calendar month.
    pub max_monthly_quotes: Option<u64>,
    /// The maximum file storage in GB.
    pub max_storage_gb: Option<u64>,
}

impl TenantQuotas {
    /// The limits of a plan.
    pub fn of_plan(plan: Plan) -> Self {
        let quotas = plan.quotas();
        Self {
            max_users: quotas.users.map(Into::into),
            max_monthly_quotes: quotas.monthly_quotes.map(Into::into),
            max_storage_gb: Some(quotas.storage_gb.into()),
        }
    }
}

/// The owner of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantOwner {
    /// The ID of the account.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The e-mail address as it was entered.
    pub email: String,
    /// The status of the invitation. For admins only.
    pub invitation: Option<InvitationStatus>,
    /// When the latest link expires or has expired. `None` after its record was deleted. For admins only.
    pub invitation_expires_at: Option<Timestamp>,
}

/// The settings of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantSettings {
    /// The name of the company.
    pub company_name: String,
    /// The e-mail address for questions of customers.
    pub support_email: Option<String>,
    /// The phone number for questions of customers.
    pub support_phone: Option<String>,
    /// The address of the website.
    pub website_url: Option<String>,
    /// The time zone.
    pub time_zone: String,
    /// The code of the currency.
    pub currency: String,
    /// The language and the region, such as `pt-PT`.
    pub locale: String,
    /// The name of the sender of mails to customers.
    pub email_from_name: Option<String>,
    /// The address of the sender of mails to customers.
    pub email_from_address: Option<String>,
}

/// The branding of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantBranding {
    /// The name of the theme.
    pub theme: String,
    /// The address of the logo.
    pub logo_url: Option<String>,
    /// The colour of the main controls.
    pub color_primary: Color,
    /// The colour of the secondary controls.
    pub color_secondary: Color,
    /// The colour of highlights.
    pub color_accent: Color,
}

/// A segment of a tenant's customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantSegment {
    /// The ID.
    pub id: Uuid,
    /// The name in URLs.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// The title of the segment's page.
    pub hero_title: String,
    /// The text under the title.
    pub description: String,
    /// The position in lists.
    pub sort_order: u32,
    /// Whether customers see the segment.
    pub active: bool,
}

/// A package that a tenant sells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantPackage {
    /// The ID.
    pub id: Uuid,
    /// The name in URLs.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// What the package includes.
    pub description: String,
    /// The price in minor currency units, such as cents.
    pub base_price: i64,
    /// How customers book the package.
    pub booking_type: BookingType,
    /// The position in lists.
    pub grouping_order: u32,
    /// Whether customers see the package.
    pub active: bool,
    /// The slug of the package's segment.
    pub segment: String,
}

/// What a step of the tenant's jobs created in an external system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantResource {
    /// The kind, such as `database`.
    pub kind: String,
    /// The name or the ID in the external system.
    pub external_reference: String,
    /// Where a person finds the resource.
    pub url: Option<String>,
    /// When the resource was created.
    pub created_at: Timestamp,
}

/// The job that sets a tenant up in external systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantPipeline {
    /// The state of the job.
    pub state: StepState,
    /// The steps, in order.
    pub steps: Vec<TenantStep>,
}

/// A step of the job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantStep {
    /// The name of the step, such as `STEP_1_COPY_DB`.
    pub name: String,
    /// The state of the step.
    pub state: StepState,
    /// When the latest attempt started.
    pub started_at: Option<Timestamp>,
    /// When the step ended.
    pub finished_at: Option<Timestamp>,
}
