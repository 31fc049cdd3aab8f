//! Statuses and roles, each with the one spelling that the database, the API and the pages use.

use serde::{Deserialize, Serialize};

/// Defines an enum whose variants have one text form everywhere.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in the order in which people read them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The spelling in the database, the API and addresses.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Reads the spelling of [`Self::as_str`]; anything else is `None`.
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

text_enum! {
    /// Where a provisioning request stands (SPEC section 4).
    RequestStatus {
        Processing = "processing",
        Completed = "completed",
        Failed = "failed",
        RolledBack = "rolled_back",
    }
}

text_enum! {
    /// Where a tenant stands (SPEC section 7).
    TenantStatus {
        Provisioning = "provisioning",
        PendingActivation = "pending_activation",
        SetupIncomplete = "setup_incomplete",
        Active = "active",
        Suspended = "suspended",
        Deleted = "deleted",
    }
}

text_enum! {
    /// Where a step of the external pipeline stands (SPEC section 6).
    StepState {
        Pending = "pending",
        Running = "running",
        Succeeded = "succeeded",
        Skipped = "skipped",
        Retrying = "retrying",
        Dead = "dead",
        Compensated = "compensated",
    }
}

text_enum! {
    /// What an employee may do. Read from `employees` alone, on every request.
    Role {
        /// Everything, including other employees.
        SuperAdmin = "SUPER_ADMIN",
        /// Provisions tenants.
        Admin = "ADMIN",
        /// Reads the history and changes nothing.
        Viewer = "VIEWER",
    }
}

impl Role {
    /// Whether this role may make tenants. The database checks the same again.
    pub const fn may_provision(self) -> bool {
        matches!(self, Self::SuperAdmin | Self::Admin)
    }

    /// The words for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SuperAdmin => "Super admin",
            Self::Admin => "Admin",
            Self::Viewer => "Viewer",
        }
    }
}
