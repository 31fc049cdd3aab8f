//! Messages to people who sign up.

use domain::{Timestamp, paths};

use super::{
    MailFrame, MailText,
    phrases::{date, name, public_name},
};

const ENTERED: &str = "You receive this message because this address was entered in a sign-up form.";

/// The name of a company that has not verified its address.
fn company_name(company: &str) -> String {
    public_name(company, "your organisation")
}

impl MailFrame<'_> {
    pub(super) fn sign_up_verification(&self, company: &str, expires_at: Timestamp) -> MailText {
        let company = company_name(company);
        self.compose("Confirm your e-mail address", ENTERED)
            .paragraph(format!("Confirm that this address belongs to you, to set up {company}."))
            .button("Confirm the address", self.token_link(paths::sign_up_verification))
            .note(format!("The link works until {}.", date(expires_at)))
            .note(super::UNEXPECTED)
    }

    pub(super) fn sign_up_existing_account(&self, company: &str) -> MailText {
        let company = company_name(company);
        self.compose("You already have an account", ENTERED)
            .paragraph(format!(
                "This address was used to sign up {company}, but it already has an account. Nothing was created."
            ))
            .paragraph("Sign in with the password that you already have.")
            .button("Sign in", self.link(paths::LOGIN))
            .note(self.password_reset_hint())
            .note("If you did not sign up, ignore this message.")
    }

    pub(super) fn sign_up_approved(&self, tenant: &str) -> MailText {
        let tenant = name(tenant);
        let reason = format!("You receive this message because you signed up {tenant}.");
        self.compose(format!("{tenant} is approved"), reason)
            .paragraph(format!("Your sign-up was approved, and {tenant} is ready to use."))
            .button("Open the portal", self.link(paths::PORTAL))
    }

    pub(super) fn sign_up_declined(&self, company: &str) -> MailText {
        let company = company_name(company);
        let reason = format!("You receive this message because you signed up {company}.");
        self.compose("Your sign-up was not approved", reason)
            .paragraph(format!("Your sign-up of {company} was not approved. Nothing was created."))
            .paragraph(format!("If you have questions, contact {}.", self.sender))
    }
}
