//! What happened in a tenant, as its own members see it: entries of the audit log without the names of the
//! platform's employees and without internal values.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Timestamp;

/// The name under which members see an employee of the platform.
pub const SUPPORT: &str = "Support";
/// The name under which members see Tenantry itself, for instance when the last step ends.
pub const PLATFORM: &str = "The platform";

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityEntry {
    /// The position in the audit log.
    pub id: i64,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub who: String,
    /// What was done, as the rest of a sentence that begins with `who`.
    pub what: String,
    /// The fields that changed.
    pub changes: Vec<ActivityChange>,
}

/// One page of the activity, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityPage {
    /// The entries.
    pub entries: Vec<ActivityEntry>,
    /// The cursor of the next page. `None` on the last page.
    pub next: Option<i64>,
}

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityChange {
    /// The label of the field.
    pub label: String,
    /// The value before the change. Empty for none.
    pub before: String,
    /// The value after the change. Empty for none.
    pub after: String,
}

/// The actions that members see, each with the rest of the sentence. `{}` stands for the subject.
const ACTIONS: &[(&str, &str)] = &[
    ("tenant.provisioned", "created the tenant"),
    ("tenant.activated", "activated the tenant"),
    ("tenant.activation_approved", "approved the tenant"),
    ("tenant.suspended", "suspended the tenant"),
    ("tenant.resumed", "resumed the tenant"),
    ("tenant.deleted", "deleted the tenant"),
    ("tenant.restored", "restored the tenant"),
    ("tenant.updated", "changed the tenant"),
    ("tenant.owner_named", "named the owner"),
    ("tenant.owner_changed", "transferred the ownership"),
    ("tenant.owner_account_changed", "changed the owner's account"),
    ("tenant.exported", "exported the data of the tenant"),
    ("owner.joined", "accepted the invitation"),
    ("invitation.resent", "sent the invitation of {} again"),
    ("invitation.revoked", "revoked the invitation of {}"),
    ("member.invited", "invited {}"),
    ("member.joined", "accepted the invitation"),
    ("member.role_changed", "changed the role of {}"),
    ("member.removed", "removed the member {}"),
    ("member.left", "left the tenant"),
    ("settings.changed", "changed the settings"),
    ("branding.changed", "changed the branding"),
    ("segment.created", "created the segment {}"),
    ("segment.changed", "changed the segment {}"),
    ("package.created", "created the package {}"),
    ("package.changed", "changed the package {}"),
    ("package.deleted", "deleted the package {}"),
    ("domain.added", "added the domain {}"),
    ("domain.verified", "verified the domain {}"),
    ("domain.refused", "refused the domain {}"),
    ("domain.reopened", "allowed the domain {} to be verified again"),
    ("domain.removed", "removed the domain {}"),
    ("key.created", "created the API key {}"),
    ("key.rotated", "replaced the API key {}"),
    ("key.revoked", "revoked the API key {}"),
];

/// The values that members see, with their labels. Reasons, the commission and IDs are not among them.
const FIELDS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("shortName", "Short name"),
    ("slug", "Slug"),
    ("plan", "Plan"),
    ("companyName", "Company name"),
    ("supportEmail", "Support e-mail"),
    ("supportPhone", "Support phone"),
    ("websiteUrl", "Website"),
    ("timeZone", "Time zone"),
    ("currency", "Currency"),
    ("locale", "Language"),
    ("emailFromName", "Sender name"),
    ("emailFromAddress", "Sender address"),
    ("theme", "Theme"),
    ("logoUrl", "Logo"),
    ("colorPrimary", "Primary colour"),
    ("colorSecondary", "Secondary colour"),
    ("colorAccent", "Accent colour"),
    ("heroTitle", "Title"),
    ("description", "Description"),
    ("sortOrder", "Position"),
    ("price", "Price"),
    ("bookingType", "Booking"),
    ("groupingOrder", "Position"),
    ("segment", "Segment"),
    ("active", "Visible"),
    ("role", "Role"),
];

/// The values that name the subject of an entry, the best first.
const SUBJECTS: [&str; 5] = ["name", "domain", "email", "publicKey", "connector"];

/// The actions that members see.
pub fn activity_actions() -> impl Iterator<Item = &'static str> {
    ACTIONS.iter().map(|(action, _)| *action)
}

/// What was done, as the rest of a sentence.
pub fn activity_text(action: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let Some((_, text)) = ACTIONS.iter().find(|(known, _)| *known == action) else {
        return action.to_owned();
    };
    match subject_name(before, after) {
        Some(subject) => text.replace("{}", subject),
        // The values of an old entry may be redacted.
        None => text.trim_end_matches(" {}").replace(" of {}", "").replace(" {}", ""),
    }
}

/// The fields that differ between two versions. Empty for something that was created or deleted.
pub fn activity_changes(before: Option<&Value>, after: Option<&Value>) -> Vec<ActivityChange> {
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (before, after) else {
        return Vec::new();
    };
    let change = |(key, label): &(&str, &str)| {
        let (former, current) = (before.get(*key), after.get(*key));
        let (former, current) = (former.map(text_of)?, current.map(text_of)?);
        (former != current).then(|| ActivityChange {
            label: (*label).to_owned(),
            before: former,
            after: current,
        })
    };
    FIELDS.iter().filter_map(change).collect()
}

/// The name of what an entry is about, besides the subject, from the values after or before the change.
pub(crate) fn subject_name<'a>(before: Option<&'a Value>, after: Option<&'a Value>) -> Option<&'a str> {
    let name_in = |values: Option<&'a Value>| {
        SUBJECTS.iter().find_map(|key| values.and_then(|values| values.get(key))?.as_str())
    };
    name_in(after).or_else(|| name_in(before))
}

/// The label of a value that members see.
pub fn field_label(name: &str) -> Option<&'static str> {
    FIELDS.iter().find(|(field, _)| *field == name).map(|(_, label)| *label)
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::audit::audit_action_label;

    #[test]
    fn an_entry_names_its_subject() {
        let package = json!({ "name": "Brunch", "slug": "brunch" });
        assert_eq!(activity_text("package.created", None, Some(&package)), "created the package Brunch");
        assert_eq!(activity_text("package.deleted", Some(&package), None), "deleted the package Brunch");
        assert_eq!(activity_text("invitation.resent", None, None), "sent the invitation again");
        assert_eq!(activity_text("key.revoked", None, None), "revoked the API key");
    }

    #[test]
    fn each_action_is_in_the_audit_log() {
        for (action, _) in ACTIONS {
            assert_ne!(audit_action_label(action), *action);
        }
    }

    #[test]
    fn the_changes_are_those_that_members_may_see() {
        let before = json!({ "plan": "lite", "commissionPercent": 10, "name": "A", "active": true });
        let after = json!({ "plan": "pro", "commissionPercent": 12, "name": "A", "active": false });
        let changes = activity_changes(Some(&before), Some(&after));
        let changes: Vec<_> = changes
            .iter()
            .map(|change| (change.label.as_str(), change.before.as_str(), change.after.as_str()))
            .collect();
        assert_eq!(changes, [("Plan", "lite", "pro"), ("Visible", "yes", "no")]);
        assert_eq!(activity_changes(None, Some(&after)), []);
    }
}
