//! What each message says. The templates put these texts into the common layout, so that the HTML and the
//! plain text of a message say the same.

mod samples;

use domain::{Timestamp, mail::MailContent, paths};

use super::address::one_line;

pub use samples::samples;

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

impl MailText {
    /// Composes the message that `content` describes.
    pub(super) fn new(frame: MailFrame<'_>, content: &MailContent) -> Self {
        let MailFrame { sender, origin, token, .. } = frame;
        let token = token.unwrap_or_default();
        let link = |path: String| format!("{origin}{path}");
        let portal = || Button::new("Open the portal", link(paths::PORTAL.to_owned()));
        let forgotten =
            format!("To reset a forgotten password, open {}.", link(paths::PASSWORD_RESET.to_owned()));
        let unexpected = "If you do not expect this message, ignore it. Nothing changes without the link.";
        match content {
            MailContent::Invitation { tenant_name, role, invited_by, expires_at } => {
                let (tenant, inviter) = (name(tenant_name), inviter(invited_by.as_deref(), sender));
                let by =
                    one_line(&format!("You receive this message because {inviter} entered your address."));
                let (subject, sentence) = match role.as_str() {
                    "owner" => (
                        format!("{tenant} is ready for you"),
                        format!("{inviter} has set up {tenant} and named you as its owner."),
                    ),
                    role => (
                        format!("You are invited to {tenant}"),
                        format!("{inviter} invites you to {tenant} as {}.", role_text(role)),
                    ),
                };
                Self::compose(frame, subject, by)
                    .paragraph(sentence)
                    .paragraph("Accept the invitation with the button below. If you do not have a password yet, you choose one there.")
                    .button("Accept the invitation", link(paths::invitation(token)))
                    .note(format!("The link works once, until {}.", date(*expires_at)))
                    .note(unexpected)
            }
            MailContent::MemberAdded { tenant_name, role, added_by } => {
                let (tenant, inviter) = (name(tenant_name), inviter(added_by.as_deref(), sender));
                let reason = format!("You receive this message because your account has access to {tenant}.");
                Self::compose(frame, format!("You have access to {tenant}"), reason)
                    .paragraph(format!("{inviter} has made you {} of {tenant}.", role_text(role)))
                    .paragraph("Sign in with the password that you already have.")
                    .with_button(portal())
                    .note(forgotten)
            }
            MailContent::Welcome { tenant_name } => {
                let tenant = name(tenant_name);
                let reason = format!("You receive this message because you own {tenant}.");
                Self::compose(frame, format!("Welcome to {tenant}"), reason)
                    .paragraph(format!("{tenant} is ready to use."))
                    .paragraph("In the portal, you set up your branding and settings, and invite your team.")
                    .with_button(portal())
            }
            MailContent::PasswordReset { expires_at } => {
                let reason =
                    "You receive this message because a new password was requested for your account.";
                Self::compose(frame, format!("Reset your {sender} password"), reason)
                    .paragraph(
                        "A new password was requested for your account. Choose one with the button below.",
                    )
                    .button("Choose a new password", link(paths::password_reset(token)))
                    .note(format!("The link works once, until {}.", date(*expires_at)))
                    .note("If you did not request it, ignore this message. Your password stays as it is.")
            }
            MailContent::PasswordChanged => {
                let reason = "You receive this message because the password of your account was changed.";
                Self::compose(frame, format!("Your {sender} password was changed"), reason)
                    .paragraph("The password of your account was changed, and all other sessions were ended.")
                    .paragraph("If you changed it, there is nothing to do.")
                    .button("Reset the password", link(paths::PASSWORD_RESET.to_owned()))
                    .note("If you did not change it, reset the password now, because somebody else knows it.")
            }
            MailContent::AddressConfirmation { account_name, new_address, expires_at } => {
                let reason = "You receive this message because this address was entered for an account.";
                Self::compose(frame, "Confirm your new e-mail address", reason)
                    .paragraph(format!(
                        "The account of {} gets the e-mail address {}. Confirm that the address belongs to you.",
                        public_name(account_name, "a member"),
                        one_line(new_address)
                    ))
                    .button("Confirm the address", link(paths::address_change(token)))
                    .note(format!("The link works once, until {}.", date(*expires_at)))
                    .note(unexpected)
            }
            MailContent::AddressChangeNotice { new_address, expires_at } => {
                let reason = "You receive this message because your account has this address.";
                Self::compose(frame, "The e-mail address of your account changes", reason)
                    .paragraph(format!(
                        "A change of your e-mail address to {} was requested. It takes effect when you have confirmed \
                         it at both addresses.",
                        one_line(new_address)
                    ))
                    .button("Review the change", link(paths::address_change(token)))
                    .note(format!(
                        "If you did not request it, cancel it before {}, and then change your password.",
                        date(*expires_at)
                    ))
            }
            MailContent::TrialEnding { tenant_name, ends_at } => {
                let tenant = name(tenant_name);
                let reason = format!("You receive this message because you own {tenant}.");
                Self::compose(frame, format!("The trial of {tenant} ends soon"), reason)
                    .paragraph(format!("The trial of {tenant} ends on {}.", date(*ends_at)))
                    .paragraph(format!(
                        "Access then ends until the trial is extended. No data is deleted. To continue, contact {sender}."
                    ))
                    .with_button(portal())
            }
            MailContent::SignUpVerification { company, expires_at } => {
                let company = public_name(company, "your organisation");
                let reason = "You receive this message because this address was entered in a sign-up form.";
                Self::compose(frame, "Confirm your e-mail address", reason)
                    .paragraph(format!("Confirm that this address belongs to you, to set up {company}."))
                    .button("Confirm the address", link(paths::sign_up_verification(token)))
                    .note(format!("The link works until {}.", date(*expires_at)))
                    .note(unexpected)
            }
            MailContent::SignUpExistingAccount { company } => {
                let company = public_name(company, "your organisation");
                let reason = "You receive this message because this address was entered in a sign-up form.";
                Self::compose(frame, "You already have an account", reason)
                    .paragraph(format!(
                        "This address was used to sign up {company}, but it already has an account. Nothing was created."
                    ))
                    .paragraph("Sign in with the password that you already have.")
                    .button("Sign in", link(paths::LOGIN.to_owned()))
                    .note(forgotten)
                    .note("If you did not sign up, ignore this message.")
            }
            MailContent::SignUpApproved { tenant_name } => {
                let tenant = name(tenant_name);
                let reason = format!("You receive this message because you signed up {tenant}.");
                Self::compose(frame, format!("{tenant} is approved"), reason)
                    .paragraph(format!("Your sign-up was approved, and {tenant} is ready to use."))
                    .with_button(portal())
            }
            MailContent::SignUpDeclined { company } => {
                let company = public_name(company, "your organisation");
                let reason = format!("You receive this message because you signed up {company}.");
                Self::compose(frame, "Your sign-up was not approved", reason)
                    .paragraph(format!("Your sign-up of {company} was not approved. Nothing was created."))
                    .paragraph(format!("If you have questions, contact {sender}."))
            }
        }
    }

    /// A message whose heading is its subject.
    fn compose(frame: MailFrame<'_>, subject: impl Into<String>, reason: impl Into<String>) -> Self {
        let recipient = name(frame.recipient);
        let subject = subject.into();
        Self {
            sender: frame.sender.to_owned(),
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
        self.with_button(Button::new(label, url))
    }

    fn with_button(self, button: Button) -> Self {
        Self { button: Some(button), ..self }
    }

    fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }
}

impl Button {
    fn new(label: &str, url: String) -> Self {
        Self { label: label.to_owned(), url }
    }
}

/// A name inside a sentence. A right-to-left name is isolated, so that it does not reorder the sentence.
fn name(text: &str) -> String {
    let text = one_line(text);
    if text.chars().any(is_right_to_left) { format!("\u{2068}{text}\u{2069}") } else { text }
}

/// A name that somebody chose for a message to a stranger, or `other` if the name could be shown as a link.
fn public_name(text: &str, other: &str) -> String {
    let text = name(text);
    if looks_like_link(&text) || text.is_empty() { other.to_owned() } else { text }
}

/// Whether mail clients could show a text as a link. Messages to strangers do not repeat such a name, because
/// whoever chose it could otherwise send links to any address.
pub(super) fn looks_like_link(text: &str) -> bool {
    let begins_with_word = |part: &str| part.chars().take(2).filter(|c| c.is_alphanumeric()).count() == 2;
    text.contains(['/', '@', '<', '>']) || text.split('.').skip(1).any(begins_with_word)
}

/// Whether the character belongs to a script that is written from right to left, such as Hebrew or Arabic.
const fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}')
}

/// The person who invites, or the platform.
fn inviter(invited_by: Option<&str>, sender: &str) -> String {
    invited_by.map_or_else(|| sender.to_owned(), |member| public_name(member, "A member"))
}

/// A role with its article.
fn role_text(role: &str) -> &str {
    match role {
        "owner" => "the owner",
        "admin" => "an admin",
        _ => "a member",
    }
}

/// A date and a time of day, such as `4 December 2026, 08:00 UTC`.
fn date(timestamp: Timestamp) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let time = timestamp.date_time();
    let month = MONTHS.get(usize::from(time.month).saturating_sub(1)).copied().unwrap_or_default();
    format!("{} {month} {}, {:02}:{:02} UTC", time.day, time.year, time.hour, time.minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_a_link_is_not_repeated() {
        for text in ["evil.com", "See https://x", "a@b", "Win at www.evil.example now", "<b>"] {
            assert_eq!(public_name(text, "a member"), "a member", "{text}");
        }
        for text in ["Golden Spoon Ltd.", "A. B. Co", "St. Mary's"] {
            assert_eq!(public_name(text, "a member"), text);
        }
    }

    #[test]
    fn a_right_to_left_name_is_isolated() {
        assert_eq!(name("מסעדה"), "\u{2068}מסעדה\u{2069}");
        assert_eq!(name("Golden Spoon 🍽"), "Golden Spoon 🍽");
    }

    #[test]
    fn every_message_has_its_link_and_no_other_token() {
        for (recipient, content, token) in samples() {
            let frame = MailFrame { sender: "Acme", recipient, origin: "https://console.example.com", token };
            let text = MailText::new(frame, &content);
            let has_token =
                text.button.iter().any(|button| token.is_some_and(|token| button.url.ends_with(token)));
            assert_eq!(has_token, content.has_token(), "{content:?}");
            assert!(
                !text.preheader.is_empty() && !text.subject.is_empty() && text.subject.chars().count() < 160
            );
        }
    }

    #[test]
    fn a_date_names_the_month() {
        assert_eq!(date(Timestamp(1_796_371_200_000)), "4 December 2026, 08:00 UTC");
    }
}
