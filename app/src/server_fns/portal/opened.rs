use domain::{TenantStatus, member::MemberRole};
use serde::{Deserialize, Serialize};

/// A tenant, as the portal shows it to one of its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalTenant {
    /// The slug, which is a part of the paths of its pages.
    pub slug: String,
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
    /// The letter of its mark.
    pub mark: String,
    /// The colour of its mark, as `#rrggbb`.
    pub color: String,
    /// The label of its plan.
    pub plan: String,
    /// The role of the signed-in account.
    pub role: MemberRole,
    /// The status.
    pub status: TenantStatus,
    /// Whether the account has joined the tenant. Otherwise it is invited.
    pub has_joined: bool,
}

/// The data of a page of the portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalContent<T> {
    /// The tenant.
    pub tenant: PortalTenant,
    /// The content of the page. `None` until the tenant is active.
    pub content: Option<T>,
}
