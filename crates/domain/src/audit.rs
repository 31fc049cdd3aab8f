//! The audit log (`docs/AUDIT.md`): its actions, the filters of its list, and its entries.

mod action;
mod entry;
mod filter;

pub use action::{AuditArea, audit_action_label, audit_actions};
pub use entry::{AuditEntry, AuditSubject};
pub use filter::{AuditFilter, date_range, parse_date};
