//! The members of a tenant (`docs/specification.md`, section 7).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    FieldProblem, TenantStatus, Timestamp, email::Email, field::parse_line, invitation::InvitationStatus,
    lifecycle::parse_owner_email, provisioning::MAX_NAME, text_form::text_enum,
};

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
    /// The primary colour of the tenant, as `#rrggbb`.
    pub color_primary: String,
    /// The role of the account.
    pub role: MemberRole,
    /// Whether the account has joined the tenant. Otherwise it is invited.
    pub has_joined: bool,
}

/// A member of a tenant, or an account that is invited to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantMember {
    /// The ID of the account.
    pub id: Uuid,
    /// The name. For an invited account, as the person who sent the invitation entered it.
    pub name: String,
    /// The e-mail address. For an invited account, as the person who sent the invitation entered it.
    pub email: String,
    /// The role.
    pub role: MemberRole,
    /// The status of the invitation; `accepted` for a member.
    pub status: InvitationStatus,
    /// When the account was invited.
    pub invited_at: Timestamp,
    /// When the account joined the tenant; null for an invited account.
    pub joined_at: Option<Timestamp>,
    /// When the link of the invitation expires or has expired; null after its record was deleted.
    pub expires_at: Option<Timestamp>,
}

/// An invitation to a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// The name of the invited person. An account that exists keeps its name.
    pub name: String,
    /// The address that gets the link.
    pub email: Email,
    /// The role after the person has joined the tenant.
    pub role: MemberRole,
}

impl NewMember {
    /// Parses an invitation. `to_ascii` converts the domain of the address (see [`Email::parse`]).
    ///
    /// # Errors
    /// The problems of all fields.
    pub fn parse(
        name: &str,
        email: &str,
        role: &str,
        to_ascii: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<FieldProblem>> {
        let name = parse_line("name", "the name", name, MAX_NAME);
        let email = parse_owner_email(email, to_ascii);
        let role = parse_role(role);
        match (name, email, role) {
            (Ok(name), Ok(email), Ok(role)) => Ok(Self { name, email, role }),
            (name, email, role) => Err([name.err(), email.err(), role.err()].into_iter().flatten().collect()),
        }
    }
}

/// Parses a role.
///
/// # Errors
/// The problem of the field `role`.
pub fn parse_role(text: &str) -> Result<MemberRole, FieldProblem> {
    MemberRole::from_text(text)
        .ok_or_else(|| FieldProblem::new("role", "unknown", "Choose owner, admin or member."))
}

text_enum! {
    /// What a form of the page with the members does.
    MemberAction {
        /// Invites a person.
        Invite = "invite",
        /// Sends an invitation again.
        Resend = "resend",
        /// Ends the link of an invitation.
        Revoke = "revoke",
        /// Changes the role of a member.
        ChangeRole = "role",
        /// Removes a member or an invited account.
        Remove = "remove",
        /// Removes the signed-in account.
        Leave = "leave",
        /// Makes a member the owner in place of the signed-in account.
        Transfer = "transfer",
    }
}

impl MemberAction {
    /// What the page says after the action.
    pub const fn done(self) -> &'static str {
        match self {
            Self::Invite => "The invitation is on its way. The link in it works once, for 7 days.",
            Self::Resend => "A new link is on its way. The former link no longer works.",
            Self::Revoke => "The invitation is revoked. Its link no longer works.",
            Self::ChangeRole => "The role is changed.",
            Self::Remove => "The person is removed and has no access any more.",
            Self::Leave => "You have left the tenant.",
            Self::Transfer => "The ownership is transferred. You are an admin now.",
        }
    }
}
