use serde::Serialize;

/// What an adoption did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AdoptionReport {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// Whether the earlier system is in Tenantry's own database, so that its slugs and addresses count as taken
    /// at once.
    pub same_database: bool,
    /// The tenants that this run adopted.
    pub adopted: Vec<AdoptedTenant>,
    /// The number of tenants that earlier runs adopted.
    pub unchanged: usize,
    /// The tenants that were not adopted.
    pub not_adopted: Vec<Finding>,
    /// What the operator should know about adopted tenants, and rows that belong to no tenant.
    pub notes: Vec<Finding>,
    /// The number of rows in the table `employees` of the earlier system. They are not adopted. Null if the table
    /// does not exist or cannot be read.
    pub earlier_employees: Option<i64>,
    /// The number of owners to whom this run sent an invitation.
    pub invited: usize,
    /// The number of adopted owners who have neither joined nor been sent an invitation.
    pub not_invited: usize,
    /// The number of accounts of the earlier system, if they are so many that an index would make the checks of
    /// addresses noticeably faster.
    pub accounts_without_index: Option<i64>,
    /// The state of the function `provision_tenant` of the earlier system.
    pub function: EarlierFunction,
}

impl AdoptionReport {
    /// The number of tenants that are missing in Tenantry although the earlier system uses them.
    pub fn missing(&self) -> usize {
        self.not_adopted.iter().filter(|finding| finding.reason.is_missing()).count()
    }
}

/// A tenant that was adopted, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AdoptedTenant {
    /// The ID in the earlier system.
    pub earlier_id: String,
    /// The code. Null in a dry run.
    pub code: Option<String>,
    /// The slug.
    pub slug: String,
    /// The name.
    pub name: String,
    /// The status: `active`, `suspended`, or `pending_activation` without an owner.
    pub status: String,
    /// The address of the owner.
    pub owner_email: Option<String>,
}

/// A row of the earlier system that was not adopted, or was adopted with a remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The table of the row.
    pub table: &'static str,
    /// The ID of the row: of the tenant, or of the account for a row of `auto_provisioning`.
    pub id: String,
    /// The slug in the row.
    pub slug: String,
    /// The reason.
    pub reason: Reason,
    /// A sentence about the row.
    pub detail: String,
}

/// Why a row was not adopted, or what is remarkable about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Not adopted: the slug is not valid in Tenantry.
    InvalidSlug,
    /// Not adopted: another tenant of the earlier system has the same slug in another case.
    DuplicateSlug,
    /// Not adopted: another tenant of Tenantry has the slug.
    SlugTaken,
    /// Not adopted: the name is not valid in Tenantry.
    InvalidName,
    /// Not adopted: the tenant was deleted in the earlier system.
    DeletedInEarlierSystem,
    /// Not adopted again: it was adopted, and was purged or rolled back since.
    RemovedFromTenantry,
    /// Not adopted: the atomic core refused it.
    Refused,
    /// Adopted without an owner: no row of `auto_provisioning` names one.
    NoOwner,
    /// Adopted without an owner: the account does not exist.
    OwnerMissing,
    /// Adopted without an owner: the account has no address.
    OwnerWithoutEmail,
    /// Adopted without an owner: the address of the account is not valid.
    InvalidEmail,
    /// Adopted without an owner: another account of the earlier system has the same address.
    DuplicateEmail,
    /// Adopted without an owner: the address belongs to an employee.
    EmailOfEmployee,
    /// Adopted with the first of several owners.
    SeveralOwners,
    /// Adopted with the slug in lower case.
    SlugInLowerCase,
    /// Adopted with another plan, because the plan is not configured.
    UnknownPlan,
    /// A row of `auto_provisioning` that belongs to no tenant.
    Orphaned,
}

impl Reason {
    /// Whether the earlier system uses a tenant that Tenantry does not have.
    pub(super) fn is_missing(self) -> bool {
        matches!(
            self,
            Self::InvalidSlug | Self::DuplicateSlug | Self::SlugTaken | Self::InvalidName | Self::Refused
        )
    }
}

/// The state of the function `provision_tenant(uuid, text, text, text, text)` of the earlier system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EarlierFunction {
    /// It exists, so that the earlier system can create tenants.
    Present,
    /// It does not exist.
    Absent,
    /// This run dropped it.
    Dropped,
}
