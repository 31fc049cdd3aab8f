//! The audit log (`docs/AUDIT.md`): its actions, the filters of its list, and its entries.

mod action;
mod filter;
mod record;
mod sentence;

pub use action::{AuditArea, audit_action_label, audit_actions};
pub use filter::{AuditFilter, date_range, parse_date};
pub use record::{AuditRecord, AuditSubject};
pub use sentence::{SentencePart, audit_sentence};
