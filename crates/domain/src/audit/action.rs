//! The actions in the audit log, with their labels on screen.

use crate::text_form::text_enum;

text_enum! {
    /// The part of the platform that an action changes.
    AuditArea {
        /// Tenants and their provisioning.
        Tenants = "tenants",
        /// Settings, branding and domains of tenants.
        Settings = "settings",
        /// Owners and members of tenants, and their invitations.
        Members = "members",
        /// API keys.
        Keys = "keys",
        /// Segments and packages.
        Catalog = "catalog",
        /// Employees, admin tokens, accounts and sessions.
        Team = "team",
        /// Imports, the earlier system, and connectors.
        Platform = "platform",
    }
}

impl AuditArea {
    /// The area of an action. `None` for an action of an unknown kind.
    pub fn of_action(action: &str) -> Option<Self> {
        Some(match action.split_once('.')?.0 {
            "tenant" | "tenants" | "job" | "step" => Self::Tenants,
            "settings" | "branding" | "domain" => Self::Settings,
            "owner" | "member" | "invitation" => Self::Members,
            "key" => Self::Keys,
            "segment" | "package" => Self::Catalog,
            "employee" | "account" | "session" | "token" | "person" => Self::Team,
            "breaker" | "import" | "earlier_system" | "demo" => Self::Platform,
            _ => return None,
        })
    }

    /// The name on screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Tenants => "Tenants",
            Self::Settings => "Settings and branding",
            Self::Members => "Owners and members",
            Self::Keys => "API keys",
            Self::Catalog => "Packages",
            Self::Team => "Team and sign-in",
            Self::Platform => "Platform",
        }
    }
}

/// Every action that this version records.
pub fn audit_actions() -> impl Iterator<Item = &'static str> {
    ACTIONS.iter().map(|(action, _)| *action)
}

/// Every action, as the audit log stores it, with its label.
const ACTIONS: &[(&str, &str)] = &[
    ("tenant.provisioned", "Tenant provisioned"),
    ("tenant.activated", "Tenant activated"),
    ("tenant.activation_approved", "Activation approved"),
    ("tenant.suspended", "Tenant suspended"),
    ("tenant.resumed", "Tenant resumed"),
    ("tenant.deleted", "Tenant deleted"),
    ("tenant.restored", "Tenant restored"),
    ("tenant.updated", "Tenant changed"),
    ("tenant.owner_named", "Owner named"),
    ("tenant.owner_changed", "Ownership transferred"),
    ("tenant.owner_account_changed", "Owner's account changed"),
    ("tenant.exported", "Data exported"),
    ("tenant.purged", "Tenant purged"),
    ("tenant.rollback_began", "Rollback of a tenant started"),
    ("tenant.rollback_resumed", "Rollback of a tenant resumed"),
    ("tenant.rolled_back", "Tenant rolled back"),
    ("job.rollback_began", "Rollback of a job started"),
    ("job.rollback_resumed", "Rollback of a job resumed"),
    ("step.retried", "Step retried"),
    ("step.skipped", "Step skipped"),
    ("breaker.tested", "Connector test requested"),
    ("owner.joined", "Invitation accepted by the owner"),
    ("member.invited", "Member invited"),
    ("member.joined", "Invitation accepted by a member"),
    ("member.role_changed", "Role of a member changed"),
    ("member.removed", "Member removed"),
    ("member.left", "Member left"),
    ("owner.signed_up", "Sign-up completed"),
    ("tenant.sign_up_declined", "Sign-up declined"),
    ("invitation.resent", "Invitation sent again"),
    ("invitation.revoked", "Invitation revoked"),
    ("settings.changed", "Settings changed"),
    ("branding.changed", "Branding changed"),
    ("segment.created", "Segment created"),
    ("segment.changed", "Segment changed"),
    ("package.created", "Package created"),
    ("package.changed", "Package changed"),
    ("package.deleted", "Package deleted"),
    ("domain.added", "Domain added"),
    ("domain.verified", "Domain verified"),
    ("domain.refused", "Domain refused"),
    ("domain.reopened", "Domain can be verified again"),
    ("domain.removed", "Domain removed"),
    ("key.created", "API key created"),
    ("key.rotated", "API key replaced"),
    ("key.revoked", "API key revoked"),
    ("employee.created", "Employee added"),
    ("employee.joined", "Setup link used"),
    ("employee.setup_link_issued", "Setup link created"),
    ("employee.setup_link_revoked", "Setup link revoked"),
    ("employee.password_reset_sent", "Password reset sent"),
    ("employee.role_changed", "Role changed"),
    ("employee.disabled", "Employee disabled"),
    ("employee.enabled", "Employee enabled"),
    ("employee.password_changed", "Employee's password changed"),
    ("account.password_changed", "Account's password changed"),
    ("account.password_reset", "Password reset"),
    ("account.address_changed", "E-mail address changed"),
    ("import.started", "Import uploaded"),
    ("import.completed", "Import completed"),
    ("import.failed", "Import failed"),
    ("tenants.exported", "Tenants exported"),
    ("session.ended", "Session ended"),
    ("token.created", "Token created"),
    ("token.role_changed", "Role of a token changed"),
    ("token.revoked", "Token revoked"),
    ("person.erased", "Person erased"),
    ("earlier_system.retired", "Earlier system retired"),
    ("demo.created", "Demo data created"),
];

/// The label of an action. Returns the action itself if this version does not know the action.
pub fn audit_action_label(action: &str) -> &str {
    ACTIONS.iter().find(|(name, _)| *name == action).map_or(action, |(_, label)| label)
}

#[cfg(test)]
mod tests {
    use super::{AuditArea, audit_action_label, audit_actions};

    #[test]
    fn every_action_has_an_area() {
        for action in audit_actions() {
            assert!(AuditArea::of_action(action).is_some(), "{action}");
        }
    }

    #[test]
    fn the_labels_of_actions_are_distinct() {
        let labels: Vec<_> = audit_actions().map(audit_action_label).collect();
        let distinct: std::collections::BTreeSet<_> = labels.iter().collect();
        assert_eq!(distinct.len(), labels.len());
    }

    #[test]
    fn a_known_action_has_a_label_and_an_unknown_one_keeps_its_name() {
        assert_eq!(audit_action_label("tenant.provisioned"), "Tenant provisioned");
        assert_eq!(audit_action_label("tenant.teleported"), "tenant.teleported");
    }
}
