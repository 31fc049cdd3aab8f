//! The outbox of mail (`docs/MAIL.md`).
//!
//! [`enqueue`] stores a message in the transaction of the change that it reports, with the token of its link
//! encrypted. A job of the queue [`QUEUE`] delivers it. A message of a tenant waits until the tenant is active: the
//! trigger `tenants_messages` releases and holds messages. The trigger on `one_time_tokens` cancels messages
//! whose link was replaced, revoked or used.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> held: the tenant is not active
//!     [*] --> pending: stored with its job
//!     held --> pending: the tenant becomes active
//!     pending --> held: the tenant is suspended or deleted
//!     pending --> sent: the mail server accepted the message
//!     pending --> failed: refused for good, or the retry period is over
//!     pending --> unconfirmed: the connection was lost after the transmission
//!     unconfirmed --> sent: the response arrived late
//!     held --> cancelled: the link was replaced, revoked or used
//!     pending --> cancelled: the same, or the link expired
//! ```

mod enqueue;
mod invitation;
mod maintenance;
mod outbox;
mod outbox_health;

pub use connectors::mail::{
    MailSettings, MailTransport, Mailer, OutgoingMail, RenderedMail, SmtpSecurity, SmtpSettings, samples,
};
pub use enqueue::cancel;
pub(crate) use enqueue::{NewMessage, enqueue, seal_token, wake_worker};
pub(crate) use invitation::{InvitationLink, enqueue_invitation};
pub(crate) use maintenance::{delete_old_mail, enqueue_trial_notices};
pub(crate) use outbox::DatabaseOutbox;
pub(crate) use outbox_health::outbox_health;

/// The queue of the jobs that deliver mail.
pub(crate) const QUEUE: &str = "mail";
/// The connector of these jobs, which names the circuit breaker.
pub(crate) const CONNECTOR: &str = "mail";
/// The field to which the encrypted token of a message is bound.
pub(crate) const TOKEN_FIELD: &str = "mail token";
