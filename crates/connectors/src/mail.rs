//! Mail: the texts of the messages, and their delivery over SMTP or to a folder (`docs/MAIL.md`).
//!
//! [`SendMail`] is the step of a job that delivers one message. The engine stores the messages and implements
//! [`Outbox`].
//!
//! A message is never transmitted twice. Immediately before the command DATA, the step records in the outbox
//! that a transmission begins ([`Outbox::begin_transmission`]), which succeeds once. What happens then:
//!
//! | event | outcome |
//! | --- | --- |
//! | the mail server accepts the message | sent |
//! | the mail server definitely refuses it | the record is removed, and the step fails: a retry or `failed` |
//! | the connection is lost, or the server does not respond in time | unconfirmed, no retry |
//! | the process is killed | the next attempt finds the record: unconfirmed, no retry |

mod address;
mod directory;
mod mailer;
mod message;
mod send_mail;
mod settings;
mod smtp;
mod text;
mod transmission_error;
mod transport;

pub use mailer::Mailer;
pub use message::{OutgoingMail, RenderedMail};
pub use send_mail::{MessageState, Outbox, SEND_MAIL, SendMail};
pub use settings::{MailSettings, MailTransport, SmtpSecurity, SmtpSettings};
pub use text::samples;
