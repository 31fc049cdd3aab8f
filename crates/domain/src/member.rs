//! The members of a tenant (`docs/specification.md`, section 7).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{TenantStatus, text_form::text_enum};

text_enum! {
    /// What a member may do in the tenant.
    MemberRole {
        /// Everything, including the management of owners.
        Owner = "owner",
        /// Everything except the management of owners.
        Admin = "admin",
        /// Read everything except API keys.
        Member = "member",
    }
}

impl MemberRole {
    /// The name on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Admin => "Admin",
            Self::Member => "Member",
        }
    }

    /// Whether the role may change the tenant, see its API keys, and invite members.
    pub const fn may_change(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }

    /// Whether the role may give `role` to a member, or take it away.
    pub const fn may_manage(self, role: Self) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => !matches!(role, Self::Owner),
            Self::Member => false,
        }
    }
}

/// A tenant of an account, as the portal lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Membership {
    /// The ID of the tenant.
    pub tenant_id: Uuid,
    /// The code of the tenant, such as `TEN-00000012`.
    pub code: String,
    /// The slug of the tenant.
    pub slug: String,
    /// The name of the tenant.
    pub name: String,
    /// The plan of the tenant.
    pub plan: String,
    /// The status of the tenant.
    pub status: TenantStatus,
    /// The role of the account.
    pub role: MemberRole,
    /// Whether the account has joined the tenant. Otherwise it is invited.
    pub has_joined: bool,
}
