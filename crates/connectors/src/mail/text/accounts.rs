//! Messages about the password and the address of an account.

use domain::{Role, Timestamp, paths};

use super::{
    MailFrame, MailText,
    phrases::{date, public_name},
};
use crate::mail::address::one_line;

impl MailFrame<'_> {
    pub(super) fn employee_invitation(
        &self,
        role: Role,
        invited_by: Option<&str>,
        expires_at: Timestamp,
    ) -> MailText {
        let sender = self.sender;
        let abilities = match role {
            Role::SuperAdmin => "a super admin, who manages everything, including the team",
            Role::Admin => "an admin, who creates and manages tenants",
            Role::Viewer => "a viewer, who sees tenants and their history",
        };
        let reason = format!("You receive this message because you were invited to the console of {sender}.");
        self.compose(format!("You are invited to {sender}"), reason)
            .paragraph(format!(
                "{} invites you to the console of {sender} as {abilities}.",
                invited_by.map_or_else(|| sender.to_owned(), |name| public_name(name, "An employee"))
            ))
            .paragraph("Choose a password with the button below. Then you are signed in.")
            .button("Accept the invitation", self.token_link(paths::setup))
            .note(format!("The link works once, until {}.", date(expires_at)))
            .note(super::UNEXPECTED)
    }

    pub(super) fn password_reset(&self, expires_at: Timestamp) -> MailText {
        let reason = "You receive this message because a new password was requested for your account.";
        self.compose(format!("Reset your {} password", self.sender), reason)
            .paragraph("A new password was requested for your account. Choose one with the button below.")
            .button("Choose a new password", self.token_link(paths::password_reset))
            .note(format!("The link works once, until {}.", date(expires_at)))
            .note("If you did not request it, ignore this message. Your password stays as it is.")
    }

    pub(super) fn password_changed(&self) -> MailText {
        let reason = "You receive this message because the password of your account was changed.";
        self.compose(format!("Your {} password was changed", self.sender), reason)
            .paragraph("The password of your account was changed, and all other sessions were ended.")
            .paragraph("If you changed it, there is nothing to do.")
            .button("Reset the password", self.link(paths::PASSWORD_RESET))
            .note("If you did not change it, reset the password now, because somebody else knows it.")
    }

    pub(super) fn address_confirmation(
        &self,
        account_name: &str,
        new_address: &str,
        expires_at: Timestamp,
    ) -> MailText {
        let reason = "You receive this message because this address was entered for an account.";
        self.compose("Confirm your new e-mail address", reason)
            .paragraph(format!(
                "The account of {} gets the e-mail address {}. Confirm that the address belongs to you.",
                public_name(account_name, "a member"),
                one_line(new_address)
            ))
            .button("Confirm the address", self.token_link(paths::address_change))
            .note(format!("The link works once, until {}.", date(expires_at)))
            .note(super::UNEXPECTED)
    }

    pub(super) fn address_change_notice(&self, new_address: &str, expires_at: Timestamp) -> MailText {
        let reason = "You receive this message because your account has this address.";
        self.compose("The e-mail address of your account changes", reason)
            .paragraph(format!(
                "A change of your e-mail address to {} was requested. It takes effect when you have confirmed it at \
                 both addresses.",
                one_line(new_address)
            ))
            .button("Review the change", self.token_link(paths::address_change))
            .note(format!(
                "If you did not request it, cancel it before {}, and then change your password.",
                date(expires_at)
            ))
    }

    pub(super) fn address_changed(&self, new_address: &str) -> MailText {
        let sender = self.sender;
        let reason = "You receive this message because your account had this address.";
        self.compose("The e-mail address of your account was changed", reason)
            .paragraph(format!(
                "{sender} has changed the e-mail address of your account to {}. Your password stays as it is.",
                one_line(new_address)
            ))
            .button("Sign in", self.link(paths::LOGIN))
            .note(format!("If you did not ask for the change, contact {sender}."))
    }
}
