//! Builds a message: headers, plain text and HTML.

use std::time::SystemTime;

use askama::Template;
use domain::{jobs::StepFailure, mail::MailContent};
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{
    address::{mailbox, one_line},
    settings::MailSettings,
    text::{MailFrame, MailText, looks_like_link},
};

/// A message of the outbox, with the token of its link.
#[derive(Debug, Clone)]
pub struct OutgoingMail {
    /// The ID of the message.
    pub id: Uuid,
    /// The name of the recipient.
    pub recipient_name: String,
    /// The address of the recipient.
    pub recipient_address: String,
    /// The start of the links.
    pub origin: String,
    /// What the message says.
    pub content: MailContent,
    /// The token of the link, if the message has one.
    pub token: Option<SecretString>,
}

/// The texts of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML document.
    pub html: String,
}

#[derive(Template)]
#[template(path = "mail/message.txt")]
struct TextTemplate<'a> {
    text: &'a MailText,
}

#[derive(Template)]
#[template(path = "mail/message.html")]
struct HtmlTemplate<'a> {
    text: &'a MailText,
}

impl OutgoingMail {
    /// Renders the texts. `sender` is the name of the platform.
    ///
    /// # Errors
    /// A permanent failure if a template fails.
    pub fn render(&self, sender: &str) -> Result<RenderedMail, StepFailure> {
        let frame = MailFrame {
            sender,
            recipient: self.displayed_name(),
            origin: &self.origin,
            token: self.token.as_ref().map(ExposeSecret::expose_secret),
        };
        let text = frame.text(&self.content);
        let failed =
            |_: askama::Error| StepFailure::permanent("the texts of the message could not be rendered");
        Ok(RenderedMail {
            subject: one_line(&text.subject),
            text: TextTemplate { text: &text }.render().map_err(failed)?,
            html: HtmlTemplate { text: &text }.render().map_err(failed)?,
        })
    }

    /// The name of the recipient. Empty for a name that could be shown as a link, and that somebody else chose.
    fn displayed_name(&self) -> &str {
        match self.content.is_to_stranger() && looks_like_link(&self.recipient_name) {
            true => "",
            false => &self.recipient_name,
        }
    }

    /// Builds the message with its headers. Every attempt has the same `Message-ID`, by which mail servers
    /// and clients find repetitions.
    ///
    /// # Errors
    /// A permanent failure if an address is not valid.
    pub(super) fn build(&self, settings: &MailSettings, now: SystemTime) -> Result<Message, StepFailure> {
        let from = mailbox(&settings.from_name, &settings.from_address)?;
        let to: Mailbox = mailbox(self.displayed_name(), &self.recipient_address)?;
        let RenderedMail { subject, text, html } = self.render(&one_line(&settings.from_name))?;
        let message_id = format!("<{}@{}>", self.id, from.email.domain());
        Message::builder()
            .message_id(Some(message_id))
            .date(now)
            .from(from)
            .to(to)
            .subject(subject)
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(|error| StepFailure::permanent(format!("the message could not be built: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::samples;

    fn outgoing(name: &str) -> OutgoingMail {
        let (_, content, token) = samples().remove(0);
        OutgoingMail {
            id: Uuid::nil(),
            recipient_name: name.to_owned(),
            recipient_address: "olive@golden-spoon.example.com".to_owned(),
            origin: "https://console.example.com".to_owned(),
            content,
            token: token.map(Into::into),
        }
    }

    #[test]
    fn a_line_break_in_a_name_adds_no_header() {
        let name = "Ann\r\nBcc: eve@example.com\r\n\r\nbody";
        let settings =
            MailSettings { from_name: name.to_owned(), ..MailSettings::to_directory("mail".into()) };
        let mut outgoing = outgoing(name);
        // The name of the tenant is a part of the subject.
        if let MailContent::Invitation { tenant_name, .. } = &mut outgoing.content {
            *tenant_name = name.to_owned();
        }
        let message = outgoing.build(&settings, SystemTime::UNIX_EPOCH).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        let (headers, _) = text.split_once("\r\n\r\n").unwrap();
        let names: Vec<_> = headers
            .lines()
            .filter(|line| !line.starts_with(' '))
            .filter_map(|line| line.split_once(':'))
            .collect();
        let names: Vec<_> = names.into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            ["Message-ID", "Date", "From", "To", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type"]
        );
        assert_eq!(message.envelope().to().len(), 1);
    }

    #[test]
    fn a_name_in_any_script_is_the_name_of_the_sender() {
        for name in ["🍽 Acme", "مطعم الملعقة", "שרה כהן", "Acme, \"Inc.\""] {
            let settings =
                MailSettings { from_name: name.to_owned(), ..MailSettings::to_directory("mail".into()) };
            let message = outgoing(name).build(&settings, SystemTime::UNIX_EPOCH).unwrap();
            let from = message.headers().get::<lettre::message::header::From>().unwrap();
            let names: Vec<_> =
                lettre::message::Mailboxes::from(from).into_iter().map(|mailbox| mailbox.name).collect();
            assert_eq!(names, [Some(name.to_owned())]);
            assert!(message.formatted().is_ascii(), "{name}");
        }
    }

    #[test]
    fn a_name_that_somebody_else_chose_sends_no_link_to_a_stranger() {
        let link = "Your account is locked, visit https://evil.example";
        for (_, content, token) in samples().into_iter().filter(|(_, content, _)| content.is_to_stranger()) {
            let mail = OutgoingMail {
                content: with_names(&content, link),
                token: token.map(Into::into),
                ..outgoing(link)
            };
            let rendered = mail.render("Acme").unwrap();
            assert!(rendered.text.starts_with("Hello,"), "{}", rendered.text);
            for text in [&rendered.subject, &rendered.text, &rendered.html] {
                assert!(!text.contains("evil"), "{text}");
            }
            let message = mail.build(&MailSettings::to_directory("mail".into()), SystemTime::UNIX_EPOCH);
            assert!(!String::from_utf8(message.unwrap().formatted()).unwrap().contains("evil"));
        }
    }

    /// The content of a message in which each name that a person or a company chose is replaced. The names of the
    /// platform's own tenants stay.
    fn with_names(content: &MailContent, name: &str) -> MailContent {
        let mut json = serde_json::to_value(content).unwrap();
        let is_by_member = json.get("invitedBy").is_some_and(|inviter| inviter.is_string());
        for (member, value) in json.as_object_mut().unwrap() {
            let is_chosen = matches!(member.as_str(), "invitedBy" | "accountName" | "company")
                || (member == "tenantName" && is_by_member);
            if is_chosen && value.is_string() {
                *value = name.into();
            }
        }
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn markup_in_a_name_is_escaped() {
        let rendered = outgoing("<script>alert(1)</script>").render("Acme").unwrap();
        assert!(!rendered.html.contains("<script>"));
        assert!(rendered.text.contains("Hello <script>alert(1)</script>,"));
    }

    #[test]
    fn every_message_has_the_same_sentences_in_both_formats() {
        for (recipient, content, token) in samples() {
            let mail = OutgoingMail { content, token: token.map(Into::into), ..outgoing(recipient) };
            let RenderedMail { text, html, .. } = mail.render("Acme").unwrap();
            let plain = html.replace("&#39;", "'").replace("&#34;", "\"").replace("&#38;", "&");
            for line in text.lines().filter(|line| line.len() > 3 && !line.ends_with(':')) {
                assert!(plain.contains(line), "{line} is missing in {plain}");
            }
        }
    }
}
