//! Sign-up (`docs/specification.md`, section 8): a person creates a tenant, after the e-mail address was
//! verified.
//!
//! Until then, a sign-up is one row of `sign_ups`, and nothing else exists: no account, no tenant, no slug.
//! The link in the mail verifies the address. [`verify_sign_up`] calls the same atomic core as the console,
//! on behalf of the built-in employee `signup`, with the ID of the sign-up as the idempotency key. Therefore
//! a sign-up creates one tenant, however often its link is used, and a call that was interrupted can be
//! repeated.
//!
//! ```mermaid
//! stateDiagram-v2
//!     [*] --> requested: request_sign_up
//!     requested --> requested: resend_sign_up, which replaces the link
//!     requested --> created: verify_sign_up, the core has created the tenant and its owner
//!     created --> verified: verify_sign_up, the owner has a password
//!     requested --> [*]: deleted a week after the link has expired
//!     verified --> [*]: deleted a week after the link has expired
//! ```
//!
//! A stranger must not learn which addresses have an account. [`request_sign_up`] therefore does the same
//! work for every address: it writes a row and a mail in one transaction. Only the text of the mail differs,
//! which the person with the mailbox reads.

mod create;
mod is_open;
mod link;
mod mail;
mod request;
mod settings;
mod slug;
mod tenant;
mod verify;

pub use create::create_from_sign_up;
pub(crate) use link::delete_expired_sign_ups;
pub use link::{SignUpLink, find_sign_up};
pub use request::{request_sign_up, resend_sign_up};
pub use settings::{SignUpLimits, SignUpSettings};
pub use slug::check_sign_up_slug;
pub use tenant::SignedUp;
pub use verify::verify_sign_up;
