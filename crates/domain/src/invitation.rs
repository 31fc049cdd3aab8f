//! The invitations of a tenant's members, in the form that admins see (`docs/specification.md`, section 7).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Timestamp, text_form::text_enum};

text_enum! {
    /// The status of an invitation.
    InvitationStatus {
        /// The link can be used.
        Pending = "pending",
        /// The link has expired.
        Expired = "expired",
        /// An admin revoked the link.
        Revoked = "revoked",
        /// The account has a password, so it needs no link.
        Accepted = "accepted",
    }
}

/// The invitation of one account to a tenant, without its link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// The ID of the invited account, which stays the same when the invitation is sent again.
    pub id: Uuid,
    /// The name of the invited person.
    pub name: String,
    /// The e-mail address as it was entered.
    pub email: String,
    /// The role in the tenant, such as `owner`.
    pub role: String,
    /// The status of the invitation.
    pub status: InvitationStatus,
    /// When the latest link expires or has expired; null after its record was deleted.
    pub expires_at: Option<Timestamp>,
}

/// An invitation with its new link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResentInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The single-use link. No other response contains it.
    pub invitation_url: String,
}
