//! The sentences in which the console describes the entries of the audit log.

use serde_json::Value;

use crate::activity::subject_name;

/// A part of the sentence after the name of the actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentencePart {
    /// Words.
    Text(String),
    /// The name of something that belongs to the subject, such as an API key.
    Name(String),
    /// The subject of the entry: a tenant, an employee or an account.
    Subject,
}

/// Each action with the rest of the sentence that begins with its actor. `{}` stands for the subject of the entry,
/// `{name}` for something that belongs to the subject.
const SENTENCES: &[(&str, &str)] = &[
    ("tenant.provisioned", "provisioned {}"),
    ("tenant.activated", "activated {}"),
    ("tenant.activation_approved", "approved {}"),
    ("tenant.suspended", "suspended {}"),
    ("tenant.resumed", "resumed {}"),
    ("tenant.deleted", "deleted {}"),
    ("tenant.restored", "restored {}"),
    ("tenant.updated", "changed {}"),
    ("tenant.owner_named", "named the owner of {}"),
    ("tenant.owner_changed", "transferred the ownership of {}"),
    ("tenant.owner_account_changed", "changed the owner's account of {}"),
    ("tenant.exported", "exported the data of {}"),
    ("tenant.purged", "purged {}"),
    ("tenant.rollback_began", "started the rollback of {}"),
    ("tenant.rollback_resumed", "resumed the rollback of {}"),
    ("tenant.rolled_back", "rolled back {}"),
    ("job.rollback_began", "started the rollback of {}"),
    ("job.rollback_resumed", "resumed the rollback of {}"),
    ("step.retried", "retried a step of {}"),
    ("step.skipped", "skipped a step of {}"),
    ("breaker.tested", "requested a test of the connector {name}"),
    ("owner.joined", "accepted the invitation to {}"),
    ("member.invited", "invited {name} to {}"),
    ("member.joined", "accepted the invitation to {}"),
    ("member.role_changed", "changed the role of {name} in {}"),
    ("member.removed", "removed {name} from {}"),
    ("member.left", "left {}"),
    ("owner.signed_up", "signed up with {}"),
    ("tenant.sign_up_declined", "declined the sign-up of {}"),
    ("invitation.resent", "sent the invitation of {name} to {} again"),
    ("invitation.revoked", "revoked the invitation of {name} to {}"),
    ("settings.changed", "changed the settings of {}"),
    ("branding.changed", "changed the branding of {}"),
    ("segment.created", "created the segment {name} of {}"),
    ("segment.changed", "changed the segment {name} of {}"),
    ("package.created", "created the package {name} of {}"),
    ("package.changed", "changed the package {name} of {}"),
    ("package.deleted", "deleted the package {name} of {}"),
    ("domain.added", "added the domain {name} to {}"),
    ("domain.verified", "verified the domain {name} of {}"),
    ("domain.refused", "refused the domain {name} of {}"),
    ("domain.reopened", "allowed the domain {name} of {} to be verified again"),
    ("domain.removed", "removed the domain {name} from {}"),
    ("key.created", "created the API key {name} of {}"),
    ("key.rotated", "replaced the API key {name} of {}"),
    ("key.revoked", "revoked the API key {name} of {}"),
    ("employee.created", "added the employee {}"),
    ("employee.joined", "used the setup link of {}"),
    ("employee.setup_link_issued", "created a setup link for {}"),
    ("employee.setup_link_revoked", "revoked the setup link of {}"),
    ("employee.password_reset_sent", "sent a link for a new password to {}"),
    ("employee.role_changed", "changed the role of {}"),
    ("employee.disabled", "disabled {}"),
    ("employee.enabled", "enabled {}"),
    ("employee.password_changed", "changed the password of {}"),
    ("account.password_changed", "changed the password of {}"),
    ("account.password_reset", "set a new password for {}"),
    ("account.address_changed", "changed the e-mail address of {}"),
    ("import.started", "uploaded an import of tenants"),
    ("import.completed", "imported tenants"),
    ("import.failed", "could not finish an import of tenants"),
    ("tenants.exported", "exported tenants"),
    ("session.ended", "ended a session"),
    ("token.created", "created the token {}"),
    ("token.role_changed", "changed the role of the token {}"),
    ("token.revoked", "revoked the token {}"),
    ("person.erased", "erased the person {}"),
    ("earlier_system.retired", "retired the earlier system"),
    ("demo.created", "created the demo data"),
];

/// The name of something whose name was erased.
const ERASED: &str = "(erased)";

/// Describes an entry, after the name of its actor. An action that this version does not know is described by its
/// name.
pub fn audit_sentence(action: &str, before: Option<&Value>, after: Option<&Value>) -> Vec<SentencePart> {
    let Some((_, template)) = SENTENCES.iter().find(|(known, _)| *known == action) else {
        return vec![SentencePart::Text(format!("{action} ")), SentencePart::Subject];
    };
    let name = subject_name(before, after);
    let mut parts = Vec::new();
    let mut rest = *template;
    while let Some((text, after_brace)) = rest.split_once('{') {
        let Some((placeholder, following)) = after_brace.split_once('}') else { break };
        if !text.is_empty() {
            parts.push(SentencePart::Text(text.to_owned()));
        }
        parts.push(match placeholder {
            "name" => SentencePart::Name(name.unwrap_or(ERASED).to_owned()),
            _ => SentencePart::Subject,
        });
        rest = following;
    }
    if !rest.is_empty() {
        parts.push(SentencePart::Text(rest.to_owned()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        SENTENCES,
        SentencePart::{Name, Subject, Text},
        audit_sentence,
    };
    use crate::audit::audit_actions;

    #[test]
    fn every_action_has_a_sentence() {
        let actions: Vec<_> = audit_actions().collect();
        let sentences: Vec<_> = SENTENCES.iter().map(|(action, _)| *action).collect();
        for action in &actions {
            assert!(sentences.contains(action), "{action}");
        }
        assert_eq!(actions.len(), sentences.len());
    }

    #[test]
    fn a_sentence_names_the_subject_and_what_belongs_to_it() {
        let key = json!({ "name": "Website" });
        let rotated = audit_sentence("key.rotated", None, Some(&key));
        let words = |text: &str| Text(text.to_owned());
        assert_eq!(rotated, [words("replaced the API key "), Name("Website".into()), words(" of "), Subject]);
        assert_eq!(audit_sentence("tenant.suspended", None, None), [words("suspended "), Subject]);
        assert_eq!(audit_sentence("import.completed", None, None), [words("imported tenants")]);
    }

    #[test]
    fn an_erased_name_and_an_unknown_action_leave_a_sentence() {
        let words = |text: &str| Text(text.to_owned());
        assert_eq!(
            audit_sentence("key.revoked", None, None),
            [words("revoked the API key "), Name("(erased)".into()), words(" of "), Subject]
        );
        assert_eq!(audit_sentence("tenant.teleported", None, None), [words("tenant.teleported "), Subject]);
    }
}
