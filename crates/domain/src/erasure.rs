//! The erasure of a person (`docs/PRIVACY.md`).

use serde::{Deserialize, Serialize};

use crate::text_form::text_enum;

text_enum! {
    /// What an erasure did, or would do.
    ErasureOutcome {
        /// The data of the person were erased, or would be in a preview.
        Erased = "erased",
        /// The database has no data of a person with this address.
        Nothing = "nothing",
        /// Nothing was changed, because something must be done first.
        Refused = "refused",
    }
}

text_enum! {
    /// Why a person cannot be erased.
    RefusalKind {
        /// A tenant would have no owner.
        LastOwner = "last_owner",
        /// Nobody could manage the employees any more.
        LastSuperAdmin = "last_super_admin",
        /// The person is the one who erases.
        OwnAccount = "own_account",
        /// A running import contains the address.
        RunningImport = "running_import",
    }
}

/// The result of an erasure, or of its preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErasureReport {
    /// What happened, or would happen.
    pub outcome: ErasureOutcome,
    /// Whether nothing was changed, because this is a preview.
    pub dry_run: bool,
    /// What replaces the name of the person in the audit log. Null in a preview, which chooses none.
    pub pseudonym: Option<String>,
    /// Where the data of the person were replaced or deleted.
    pub places: Vec<ErasedPlace>,
    /// What must be done first.
    pub refusals: Vec<ErasureRefusal>,
}

/// A table in which the data of a person were replaced or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErasedPlace {
    /// The name of the table.
    pub place: String,
    /// The number of rows.
    pub rows: u64,
}

impl ErasedPlace {
    /// What the rows of the table are, for people. The name of an unknown table without underscores.
    pub fn label(&self) -> String {
        let label = match self.place.as_str() {
            "address_changes" => "Changes of the e-mail address",
            "api_keys" => "Names of API keys",
            "audit_log" => "Audit entries",
            "breakers" => "Messages about connectors",
            "employees" => "Employee and tokens",
            "import_rows" => "Rows of import reports",
            "imports" => "Imports and their archives",
            "job_steps" | "step_attempts" => "Messages and references of steps",
            "jobs" => "Jobs",
            "memberships" => "Memberships and invitations",
            "one_time_tokens" => "Links",
            "outbox_messages" => "Mails",
            "provisioning_attempts" => "Messages of attempts",
            "provisioning_requests" => "Provisioning requests",
            "sessions" => "Sessions",
            "sign_in_failures" => "Counted sign-in attempts",
            "sign_ups" => "Sign-ups",
            "tenant_calls" => "Stored responses of the API",
            "tenant_imported_values" => "Imported values of tenants",
            "tenant_resources" => "References to external systems",
            "tenant_settings" => "Contact data in settings",
            "tenants" => "Tenants",
            "users" => "Account",
            other => return other.replace('_', " "),
        };
        label.to_owned()
    }
}

/// What must be done before a person can be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErasureRefusal {
    /// The rule.
    pub kind: RefusalKind,
    /// The code of the tenant.
    #[serde(default)]
    pub code: Option<String>,
    /// The name of the tenant, or of the file that is imported.
    #[serde(default)]
    pub name: Option<String>,
}

impl ErasureRefusal {
    /// What is in the way, and what to do.
    pub fn message(&self) -> String {
        let name = self.name.as_deref().unwrap_or_default();
        match self.kind {
            RefusalKind::LastOwner => {
                let code = self.code.as_deref().unwrap_or_default();
                format!("{name} ({code}) would have no owner. Transfer the ownership, or delete the tenant first.")
            }
            RefusalKind::LastSuperAdmin => {
                "This is the last super admin who can sign in. First give the role SUPER_ADMIN to another employee \
                 who has a password."
                    .to_owned()
            }
            RefusalKind::OwnAccount => {
                "This is your own account. Ask another super admin to erase it.".to_owned()
            }
            RefusalKind::RunningImport => {
                format!("The import of {name} contains the address. Try again when the import has finished.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_to_do_first() {
        let refusal = ErasureRefusal {
            kind: RefusalKind::LastOwner,
            code: Some("TEN-00000001".to_owned()),
            name: Some("Golden Spoon".to_owned()),
        };
        assert_eq!(
            refusal.message(),
            "Golden Spoon (TEN-00000001) would have no owner. Transfer the ownership, or delete the tenant first."
        );
    }

    #[test]
    fn an_unknown_table_has_a_readable_label() {
        let place = ErasedPlace { place: "future_notes".to_owned(), rows: 1 };
        assert_eq!(place.label(), "future notes");
    }
}
