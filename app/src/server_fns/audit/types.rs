//! What the page of the audit log shows.

use domain::{audit::AuditArea, history::AdminName};
use serde::{Deserialize, Serialize};

/// What the page of the audit log shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditContent {
    /// The latest verification, if there is one.
    pub verification: Option<VerificationView>,
    /// The entries of one page, newest first, by day.
    pub days: Vec<AuditDay>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// The employees, for the filter.
    pub employees: Vec<AdminName>,
    /// The actions of the selected area with their labels, for the filter.
    pub actions: Vec<(String, String)>,
    /// Whether the employee may erase persons.
    pub may_erase: bool,
}

/// A verification of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerificationView {
    /// Unix milliseconds: when it ended, or when it started if it has not ended.
    pub at_ms: i64,
    /// Whether it has ended, and what it found.
    pub status: VerificationStatus,
}

/// Whether a verification has ended, and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum VerificationStatus {
    /// It has not ended.
    Running,
    /// Its process ended first.
    Interrupted,
    /// It is complete.
    Finished(VerificationResult),
}

/// The result of a complete verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerificationResult {
    /// The number of entries that were compared with the chain.
    pub verified: u64,
    /// Whether the chain was compared with its signed head, which shows that no entry was removed from its end.
    pub has_head: bool,
    /// The number of entries that were not in the chain yet.
    pub pending: u64,
    /// The number of entries with erased values.
    pub erased: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The shortened hash of the last position.
    pub hash: String,
    /// What does not match, as sentences.
    pub findings: Vec<String>,
}

/// The entries of one day in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditDay {
    /// The date, such as `25 November 2026`.
    pub title: String,
    /// The entries, newest first.
    pub entries: Vec<AuditLine>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// The ID of the entry.
    pub id: i64,
    /// The time in UTC, such as `2026-11-25T15:02:11.123Z`.
    pub at: String,
    /// The time of the day in UTC, such as `15:02:11`.
    pub time: String,
    /// The part of the platform that was changed, if the action is known.
    pub area: Option<AuditArea>,
    /// The name of the actor.
    pub actor: String,
    /// The rest of the sentence that begins with the actor.
    pub sentence: Vec<LinePart>,
    /// The network address and the request, if they are known.
    pub context: String,
    /// The values before and after the change.
    pub changes: Vec<FieldChange>,
    /// The position in the chain and its shortened hash. `None` for an entry that is not in the chain yet.
    pub chained: Option<(i64, String)>,
}

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinePart {
    /// LinePart.
    Text(String),
    /// The name of something that was changed.
    Name(String),
    /// The name of a tenant, and the path of its page.
    Link(String, String),
}

/// A value before and after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The label of the value.
    pub label: String,
    /// What changed.
    pub value: ChangedValue,
}

/// What changed in a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangedValue {
    /// There is only one value: something was created or removed.
    Single(String),
    /// The value was replaced. Empty for none.
    Replaced(String, String),
    /// A text was edited: its parts, in order.
    Edited(Vec<(EditKind, String)>),
}

/// What happened to a part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EditKind {
    /// The part is in both texts.
    Same,
    /// The part was removed.
    Removed,
    /// The part was added.
    Added,
}
