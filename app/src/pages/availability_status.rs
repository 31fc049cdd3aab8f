//! The status of a field whose value is taken, with a link to the tenant that uses the value.

use domain::{
    error::{Conflict, EmailReason},
    paths,
};

use crate::ui::{FieldStatus, StatusLink};

/// The status of a slug that another tenant uses, also one that is deleted and can be restored, or one of the
/// earlier system, which has only a name.
pub(super) fn slug_taken(conflict: Option<&Conflict>, earlier_tenant: Option<&str>) -> FieldStatus {
    let Some(tenant) = conflict else {
        return match earlier_tenant {
            Some(name) => taken(&format!("Taken by {name} in the earlier system")),
            None => taken("Taken"),
        };
    };
    let name = &tenant.name;
    let text = match tenant.restorable_until {
        None => format!("Taken by {name}"),
        Some(until) => format!("Taken by the deleted tenant {name} until {}", until.utc_text()),
    };
    taken_by(text, tenant)
}

/// The status of an e-mail address that a new owner cannot use.
pub(super) fn email_taken(conflict: Option<&Conflict>, reason: Option<EmailReason>) -> FieldStatus {
    match (conflict, reason) {
        (Some(tenant), _) => taken_by(format!("Already owns {}", tenant.name), tenant),
        (None, Some(EmailReason::IsEmployee)) => taken("Belongs to an employee. Use another address."),
        (None, Some(EmailReason::InEarlierSystem)) => {
            taken("Already has an account in the earlier system. Use another address.")
        }
        (None, _) => taken("Already has an account. Use another address."),
    }
}

fn taken(text: &str) -> FieldStatus {
    FieldStatus::Taken { text: text.to_owned(), link: None }
}

fn taken_by(text: String, tenant: &Conflict) -> FieldStatus {
    let link = StatusLink { label: tenant.code.clone(), href: paths::tenant(&tenant.code) };
    FieldStatus::Taken { text, link: Some(link) }
}
