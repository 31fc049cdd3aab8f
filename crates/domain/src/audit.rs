//! The actions in the audit log, with their labels on screen.

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
    ("tenant.rollback_began", "Rollback started"),
    ("tenant.rollback_resumed", "Rollback resumed"),
    ("tenant.rolled_back", "Tenant rolled back"),
    ("job.rollback_began", "Rollback started"),
    ("job.rollback_resumed", "Rollback resumed"),
    ("step.retried", "Step retried"),
    ("step.skipped", "Step skipped"),
    ("breaker.tested", "Connector test requested"),
    ("owner.joined", "Invitation accepted"),
    ("member.invited", "Member invited"),
    ("member.joined", "Invitation accepted"),
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
    ("employee.created", "Employee created"),
    ("employee.joined", "Setup link used"),
    ("employee.setup_link_issued", "Setup link issued"),
    ("employee.role_changed", "Role changed"),
    ("employee.disabled", "Employee disabled"),
    ("employee.enabled", "Employee enabled"),
    ("employee.password_changed", "Password changed"),
    ("account.password_changed", "Password changed"),
    ("account.password_reset", "Password reset"),
    ("account.address_changed", "E-mail address changed"),
    ("session.ended", "Session ended"),
    ("token.created", "Token created"),
    ("token.role_changed", "Role of a token changed"),
    ("token.revoked", "Token revoked"),
    ("earlier_system.retired", "Earlier system retired"),
    ("demo.created", "Demonstration created"),
];

/// The label of an action. Returns the action itself if this version does not know the action.
pub fn audit_action_label(action: &str) -> &str {
    ACTIONS.iter().find(|(name, _)| *name == action).map_or(action, |(_, label)| label)
}

#[cfg(test)]
mod tests {
    use super::audit_action_label;

    #[test]
    fn a_known_action_has_a_label_and_an_unknown_one_keeps_its_name() {
        assert_eq!(audit_action_label("tenant.provisioned"), "Tenant provisioned");
        assert_eq!(audit_action_label("tenant.teleported"), "tenant.teleported");
    }
}
