//! What each message says. The templates put these texts into the common layout, so that the HTML and the
//! plain text of a message say the same.

mod accounts;
mod phrases;
mod samples;
mod sign_ups;
mod tenants;

use domain::{mail::MailContent, paths};

pub(super) use self::phrases::looks_like_link;
use self::phrases::name;
pub use self::samples::samples;

const UNEXPECTED: &str = "If you do not expect this message, ignore it. Nothing changes without the link.";

/// The texts of a message, in the order of the layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MailText {
    /// The name of the platform.
    pub sender: String,
    pub subject: String,
    /// What mail clients show next to the subject.
    pub preheader: String,
    pub heading: String,
    pub greeting: String,
    pub paragraphs: Vec<String>,
    pub button: Option<Button>,
    pub notes: Vec<String>,
    /// Why the recipient gets the message.
    pub reason: String,
}

/// A link to a page of the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Button {
    pub label: String,
    pub url: String,
}

/// The recipient and the links of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct MailFrame<'a> {
    /// The name of the platform.
    pub sender: &'a str,
    /// The name of the recipient.
    pub recipient: &'a str,
    /// The start of the links.
    pub origin: &'a str,
    /// The token of the link, if the message has one.
    pub token: Option<&'a str>,
}

impl MailFrame<'_> {
    /// Composes the message that `content` describes.
    pub(super) fn text(&self, content: &MailContent) -> MailText {
        match content {
            MailContent::Invitation { tenant_name, role, invited_by, expires_at } => {
                self.invitation(tenant_name, role, invited_by.as_deref(), *expires_at)
            }
            MailContent::EmployeeInvitation { role, invited_by, expires_at } => {
                self.employee_invitation(*role, invited_by.as_deref(), *expires_at)
            }
            MailContent::MemberAdded { tenant_name, role, added_by } => {
                self.member_added(tenant_name, role, added_by.as_deref())
            }
            MailContent::Welcome { tenant_name } => self.welcome(tenant_name),
            MailContent::PasswordReset { expires_at } => self.password_reset(*expires_at),
            MailContent::PasswordChanged => self.password_changed(),
            MailContent::AddressConfirmation { account_name, new_address, expires_at } => {
                self.address_confirmation(account_name, new_address, *expires_at)
            }
            MailContent::AddressChangeNotice { new_address, expires_at } => {
                self.address_change_notice(new_address, *expires_at)
            }
            MailContent::AddressChanged { new_address } => self.address_changed(new_address),
            MailContent::TrialEnding { tenant_name, ends_at } => self.trial_ending(tenant_name, *ends_at),
            MailContent::SignUpVerification { company, expires_at } => {
                self.sign_up_verification(company, *expires_at)
            }
            MailContent::SignUpExistingAccount { company } => self.sign_up_existing_account(company),
            MailContent::SignUpApproved { tenant_name } => self.sign_up_approved(tenant_name),
            MailContent::SignUpDeclined { company } => self.sign_up_declined(company),
        }
    }

    /// A message whose heading is its subject.
    fn compose(&self, subject: impl Into<String>, reason: impl Into<String>) -> MailText {
        let recipient = name(self.recipient);
        let subject = subject.into();
        MailText {
            sender: self.sender.to_owned(),
            preheader: String::new(),
            heading: subject.clone(),
            subject,
            greeting: if recipient.is_empty() { "Hello,".to_owned() } else { format!("Hello {recipient},") },
            paragraphs: Vec::new(),
            button: None,
            notes: Vec::new(),
            reason: reason.into(),
        }
    }

    /// The address of a page.
    fn link(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// The address of the page for the token of the message.
    fn token_link(&self, page: impl FnOnce(&str) -> String) -> String {
        self.link(&page(self.token.unwrap_or_default()))
    }

    fn password_reset_hint(&self) -> String {
        format!("To reset a forgotten password, open {}.", self.link(paths::PASSWORD_RESET))
    }
}

impl MailText {
    /// Adds a paragraph. The first one is also the preheader.
    fn paragraph(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        if self.preheader.is_empty() {
            self.preheader.clone_from(&text);
        }
        self.paragraphs.push(text);
        self
    }

    fn button(self, label: &str, url: String) -> Self {
        Self { button: Some(Button { label: label.to_owned(), url }), ..self }
    }

    fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_has_its_link_and_no_other_token() {
        for (recipient, content, token) in samples() {
            let frame = MailFrame { sender: "Acme", recipient, origin: "https://console.example.com", token };
            let text = frame.text(&content);
            let has_token =
                text.button.iter().any(|button| token.is_some_and(|token| button.url.ends_with(token)));
            assert_eq!(has_token, content.has_token(), "{content:?}");
            assert!(
                !text.preheader.is_empty() && !text.subject.is_empty() && text.subject.chars().count() < 160
            );
        }
    }
}
