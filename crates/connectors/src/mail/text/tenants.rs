//! Messages about a tenant to its owner and members.

use domain::{Timestamp, paths};

use super::{
    MailFrame, MailText,
    phrases::{date, inviter, name, public_name, role_text},
};
use crate::mail::address::one_line;

impl MailFrame<'_> {
    pub(super) fn invitation(
        &self,
        tenant: &str,
        role: &str,
        invited_by: Option<&str>,
        expires_at: Timestamp,
    ) -> MailText {
        // A member may belong to a tenant whose name a stranger chose.
        let tenant = match invited_by {
            Some(_) => public_name(tenant, "an organisation"),
            None => name(tenant),
        };
        let inviter = inviter(invited_by, self.sender);
        let reason = one_line(&format!("You receive this message because {inviter} entered your address."));
        let (subject, sentence) = match role {
            "owner" => (
                format!("{tenant} is ready for you"),
                format!("{inviter} has set up {tenant} and named you as its owner."),
            ),
            role => (
                format!("You are invited to {tenant}"),
                format!("{inviter} invites you to {tenant} as {}.", role_text(role)),
            ),
        };
        self.compose(subject, reason)
            .paragraph(sentence)
            .paragraph("Accept the invitation with the button below. If you do not have a password yet, you choose one there.")
            .button("Accept the invitation", self.token_link(paths::invitation))
            .note(format!("The link works once, until {}.", date(expires_at)))
            .note(super::UNEXPECTED)
    }

    pub(super) fn member_added(&self, tenant: &str, role: &str, added_by: Option<&str>) -> MailText {
        let (tenant, inviter) = (name(tenant), inviter(added_by, self.sender));
        let reason = format!("You receive this message because your account has access to {tenant}.");
        self.compose(format!("You have access to {tenant}"), reason)
            .paragraph(format!("{inviter} has made you {} of {tenant}.", role_text(role)))
            .paragraph("Sign in with the password that you already have.")
            .button("Open the portal", self.link(paths::PORTAL))
            .note(self.password_reset_hint())
    }

    pub(super) fn welcome(&self, tenant: &str) -> MailText {
        let tenant = name(tenant);
        let reason = format!("You receive this message because you own {tenant}.");
        self.compose(format!("Welcome to {tenant}"), reason)
            .paragraph(format!("{tenant} is ready to use."))
            .paragraph("In the portal, you set up your branding and settings, and invite your team.")
            .button("Open the portal", self.link(paths::PORTAL))
    }

    pub(super) fn trial_ending(&self, tenant: &str, ends_at: Timestamp) -> MailText {
        let (tenant, sender) = (name(tenant), self.sender);
        let reason = format!("You receive this message because you own {tenant}.");
        self.compose(format!("The trial of {tenant} ends soon"), reason)
            .paragraph(format!("The trial of {tenant} ends on {}.", date(ends_at)))
            .paragraph(format!(
                "Access then ends until the trial is extended. No data is deleted. To continue, contact {sender}."
            ))
            .button("Open the portal", self.link(paths::PORTAL))
    }
}
