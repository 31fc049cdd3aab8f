use serde::{Deserialize, Serialize};

use super::MailKind;
use crate::{Role, Timestamp};

/// What a message says: the values of its templates, without the token of its link. Stored in the outbox as
/// JSON, whose member `kind` is the [`MailKind`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum MailContent {
    /// See [`MailKind::Invitation`]. The link is [`crate::paths::invitation`].
    Invitation {
        /// The name of the tenant.
        tenant_name: String,
        /// The role in the tenant: `owner`, `admin` or `member`.
        role: String,
        /// The name of the person who invites. `None` if an admin of the platform does.
        invited_by: Option<String>,
        /// When the link expires.
        expires_at: Timestamp,
    },
    /// See [`MailKind::EmployeeInvitation`]. The link is [`crate::paths::setup`].
    EmployeeInvitation {
        /// The role in the console.
        role: Role,
        /// The name of the employee who invites. `None` if the operator does.
        invited_by: Option<String>,
        /// When the link expires.
        expires_at: Timestamp,
    },
    /// See [`MailKind::MemberAdded`].
    MemberAdded {
        /// The name of the tenant.
        tenant_name: String,
        /// The role in the tenant: `owner`, `admin` or `member`.
        role: String,
        /// The name of the person who added the member. `None` if an admin of the platform did.
        added_by: Option<String>,
    },
    /// See [`MailKind::Welcome`].
    Welcome {
        /// The name of the tenant.
        tenant_name: String,
    },
    /// See [`MailKind::PasswordReset`]. The link is [`crate::paths::password_reset`].
    PasswordReset {
        /// When the link expires.
        expires_at: Timestamp,
    },
    /// See [`MailKind::PasswordChanged`].
    PasswordChanged,
    /// See [`MailKind::AddressConfirmation`]. Sent to the new address. The link is
    /// [`crate::paths::address_change`].
    AddressConfirmation {
        /// The name of the person whose account changes.
        account_name: String,
        /// The new address.
        new_address: String,
        /// When the link expires.
        expires_at: Timestamp,
    },
    /// See [`MailKind::AddressChangeNotice`]. Sent to the current address. The link is
    /// [`crate::paths::address_change`].
    AddressChangeNotice {
        /// The new address.
        new_address: String,
        /// When the link, which confirms or cancels the change, expires.
        expires_at: Timestamp,
    },
    /// See [`MailKind::AddressChanged`]. Sent to the former address.
    AddressChanged {
        /// The new address.
        new_address: String,
    },
    /// See [`MailKind::TrialEnding`].
    TrialEnding {
        /// The name of the tenant.
        tenant_name: String,
        /// When the trial ends.
        ends_at: Timestamp,
    },
    /// See [`MailKind::SignUpVerification`]. The link is [`crate::paths::sign_up_verification`].
    SignUpVerification {
        /// The name of the organisation.
        company: String,
        /// When the link expires.
        expires_at: Timestamp,
    },
    /// See [`MailKind::SignUpExistingAccount`].
    SignUpExistingAccount {
        /// The name of the organisation.
        company: String,
    },
    /// See [`MailKind::SignUpApproved`].
    SignUpApproved {
        /// The name of the tenant.
        tenant_name: String,
    },
    /// See [`MailKind::SignUpDeclined`].
    SignUpDeclined {
        /// The name of the organisation.
        company: String,
    },
}

impl MailContent {
    /// The kind of the message.
    pub const fn kind(&self) -> MailKind {
        match self {
            Self::Invitation { .. } => MailKind::Invitation,
            Self::EmployeeInvitation { .. } => MailKind::EmployeeInvitation,
            Self::MemberAdded { .. } => MailKind::MemberAdded,
            Self::Welcome { .. } => MailKind::Welcome,
            Self::PasswordReset { .. } => MailKind::PasswordReset,
            Self::PasswordChanged => MailKind::PasswordChanged,
            Self::AddressConfirmation { .. } => MailKind::AddressConfirmation,
            Self::AddressChangeNotice { .. } => MailKind::AddressChangeNotice,
            Self::AddressChanged { .. } => MailKind::AddressChanged,
            Self::TrialEnding { .. } => MailKind::TrialEnding,
            Self::SignUpVerification { .. } => MailKind::SignUpVerification,
            Self::SignUpExistingAccount { .. } => MailKind::SignUpExistingAccount,
            Self::SignUpApproved { .. } => MailKind::SignUpApproved,
            Self::SignUpDeclined { .. } => MailKind::SignUpDeclined,
        }
    }

    /// When the message becomes useless, because its link expires or its date is over.
    pub const fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Invitation { expires_at, .. }
            | Self::EmployeeInvitation { expires_at, .. }
            | Self::PasswordReset { expires_at }
            | Self::AddressConfirmation { expires_at, .. }
            | Self::AddressChangeNotice { expires_at, .. }
            | Self::SignUpVerification { expires_at, .. }
            | Self::TrialEnding { ends_at: expires_at, .. } => Some(*expires_at),
            _ => None,
        }
    }

    /// Whether the recipient may be a stranger to the person who has typed the recipient's name. Members type the
    /// names of members, also if an employee sends the invitation again.
    pub fn is_to_stranger(&self) -> bool {
        match self {
            Self::Invitation { role, invited_by, .. } => invited_by.is_some() || role != "owner",
            Self::AddressConfirmation { .. }
            | Self::SignUpVerification { .. }
            | Self::SignUpExistingAccount { .. }
            | Self::SignUpApproved { .. }
            | Self::SignUpDeclined { .. } => true,
            _ => false,
        }
    }

    /// Whether the message contains a link with a token.
    pub const fn has_token(&self) -> bool {
        matches!(
            self,
            Self::Invitation { .. }
                | Self::EmployeeInvitation { .. }
                | Self::PasswordReset { .. }
                | Self::AddressConfirmation { .. }
                | Self::AddressChangeNotice { .. }
                | Self::SignUpVerification { .. }
        )
    }
}
