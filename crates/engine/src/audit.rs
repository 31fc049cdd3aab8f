//! The hash chain of the audit log (`docs/AUDIT.md`). It shows whether an entry was changed, removed, added or
//! reordered, also by somebody who can write to every table.
//!
//! Changes are recorded with `AuditedChange::record` and by SQL functions. Each process of the server appends
//! new entries to the chain ([`maintain_chain`]), one process at a time, and stores the signed head of the chain in
//! a file outside the database, so that a removed end is found too. [`verify_audit_log`] compares the entries
//! with the chain, and the chain with the head.
//!
//! The chain holds salted hashes, not values. A value can be erased later, because its hash remains.

mod append;
mod chain;
mod entry;
mod erasures;
mod finding;
mod head;
mod head_file;
mod leaves;
mod list;
mod maintain;
mod verification;
mod verify;

pub use append::append_new_entries;
pub(crate) use append::lock_audit_chain;
pub use finding::{AuditFinding, Tampering};
pub use head::sign_head;
pub use head_file::{HeadError, HeadFile, SignedHead};
pub use list::{audit_filter_problems, list_audit_entries};
pub use maintain::maintain_chain;
pub use verification::{StoredVerification, VerificationState, latest_verification, request_verification};
pub use verify::{AuditVerification, verify_audit_log};
