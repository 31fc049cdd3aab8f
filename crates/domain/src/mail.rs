//! Mail that Tenantry sends: the kinds of messages, their states, and how admins see them
//! (`docs/specification.md`, section 7).

mod content;
mod health;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Timestamp, text_form::text_enum};

pub use content::MailContent;
pub use health::{MailProblem, MailTenant, OutboxHealth};

text_enum! {
    /// The kind of a message.
    MailKind {
        /// An invitation to a tenant, with a link.
        Invitation = "invitation",
        /// An invitation to the console, with a link.
        EmployeeInvitation = "employee_invitation",
        /// An account that exists became a member of a tenant.
        MemberAdded = "member_added",
        /// A tenant is ready to use.
        Welcome = "welcome",
        /// A link that sets a new password.
        PasswordReset = "password_reset",
        /// The password of an account was changed.
        PasswordChanged = "password_changed",
        /// A link that confirms a new e-mail address.
        AddressConfirmation = "address_confirmation",
        /// A message to the current address that the address of the account changes, with a link that confirms or
        /// cancels the change.
        AddressChangeNotice = "address_change_notice",
        /// A message to the former address that an employee changed the address of the account.
        AddressChanged = "address_changed",
        /// The trial of a tenant ends soon.
        TrialEnding = "trial_ending",
        /// A link that verifies the address of a sign-up.
        SignUpVerification = "sign_up_verification",
        /// A sign-up with the address of an account that exists.
        SignUpExistingAccount = "sign_up_existing_account",
        /// An admin approved a sign-up.
        SignUpApproved = "sign_up_approved",
        /// An admin declined a sign-up.
        SignUpDeclined = "sign_up_declined",
    }
}

impl MailKind {
    /// The name of the kind on the screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Invitation => "Invitation",
            Self::EmployeeInvitation => "Employee invitation",
            Self::MemberAdded => "Member added",
            Self::Welcome => "Welcome",
            Self::PasswordReset => "Password reset",
            Self::PasswordChanged => "Password changed",
            Self::AddressConfirmation => "Address confirmation",
            Self::AddressChangeNotice => "Address change notice",
            Self::AddressChanged => "Address changed",
            Self::TrialEnding => "Trial ending",
            Self::SignUpVerification => "Sign-up verification",
            Self::SignUpExistingAccount => "Sign-up with an existing account",
            Self::SignUpApproved => "Sign-up approved",
            Self::SignUpDeclined => "Sign-up declined",
        }
    }
}

text_enum! {
    /// The state of a message in the outbox.
    MailStatus {
        /// The message waits until its tenant is active.
        Held = "held",
        /// The message is waiting for its delivery, or is being delivered.
        Pending = "pending",
        /// The mail server accepted the message.
        Sent = "sent",
        /// The mail server refused the message, or could not be reached for the whole retry period.
        Failed = "failed",
        /// The connection was lost after the message was transmitted. It may have been delivered, and is not
        /// sent again automatically.
        Unconfirmed = "unconfirmed",
        /// The message was not sent, because its link was replaced, revoked or used, or has expired.
        Cancelled = "cancelled",
    }
}

impl MailStatus {
    /// The name of the state on the screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Held => "Held",
            Self::Pending => "Waiting",
            Self::Sent => "Sent",
            Self::Failed => "Failed",
            Self::Unconfirmed => "Unconfirmed",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// A message as admins see it, without its text and its link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MailRecord {
    /// The ID of the message. The header `Message-ID` contains it.
    pub id: Uuid,
    /// The kind of the message.
    pub kind: MailKind,
    /// The address of the recipient.
    pub to: String,
    /// The state of the message.
    pub status: MailStatus,
    /// When the message was stored.
    pub created_at: Timestamp,
    /// When the mail server accepted the message; null if it did not.
    pub sent_at: Option<Timestamp>,
    /// Why the message failed, is unconfirmed or was cancelled; for a waiting message, why the last attempt
    /// failed.
    pub error: Option<String>,
}
