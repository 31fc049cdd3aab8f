//! What a verification of the audit log finds.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An entry or a position that does not match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditFinding {
    /// What happened.
    pub tampering: Tampering,
    /// The position of the chain.
    pub position: Option<i64>,
    /// The ID of the entry.
    pub entry_id: Option<i64>,
    /// Another position that helps to understand the finding.
    pub other_position: Option<i64>,
}

/// What happened to an entry, or to the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tampering {
    /// The content of the entry differs from the content that was chained.
    Changed,
    /// Values of the entry were erased, and no audit entry explains it.
    ErasedWithoutRecord,
    /// The entry does not exist any more.
    Removed,
    /// Positions of the chain do not exist any more.
    PositionsRemoved,
    /// The entry has the content of another position.
    Reordered,
    /// The position does not continue the previous one: positions were reordered, changed or removed.
    BrokenLink,
    /// The entry is not in the chain, although later entries are.
    Inserted,
    /// The signed head names a later position than the last one: the end of the log was removed.
    Cut,
    /// The chain has another hash at the position of the signed head: the chain was replaced.
    Replaced,
    /// The head was not signed with the master key of this installation.
    HeadNotSigned,
    /// The file of the head cannot be read, or does not contain a head.
    HeadUnreadable,
}

impl AuditFinding {
    /// A finding about the log as a whole.
    pub(super) fn of_log(tampering: Tampering) -> Self {
        Self { tampering, position: None, entry_id: None, other_position: None }
    }
}

impl fmt::Display for AuditFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position.unwrap_or_default();
        let entry = self.entry_id.unwrap_or_default();
        let other = self.other_position.unwrap_or_default();
        match self.tampering {
            Tampering::Changed => write!(f, "entry {entry} (position {position}) was changed"),
            Tampering::ErasedWithoutRecord => {
                write!(f, "values of entry {entry} (position {position}) were erased without a record")
            }
            Tampering::Removed => write!(f, "entry {entry} (position {position}) was removed"),
            Tampering::PositionsRemoved => {
                write!(f, "the positions {position} to {other} of the chain were removed with their entries")
            }
            Tampering::Reordered => write!(
                f,
                "entry {entry} (position {position}) has the content of position {other}: entries were reordered"
            ),
            Tampering::BrokenLink => write!(
                f,
                "position {position} (entry {entry}) does not continue the position before it: \
                 the chain was reordered or changed"
            ),
            Tampering::Inserted => write!(f, "entry {entry} was inserted later: it is not in the chain"),
            Tampering::Cut => write!(
                f,
                "the log ends at position {position}, but its signed head names position {other}: \
                 the last entries were removed"
            ),
            Tampering::Replaced => {
                write!(f, "position {position} has another hash than the signed head: the chain was replaced")
            }
            Tampering::HeadUnreadable => f.write_str("the file of the signed head cannot be read"),
            Tampering::HeadNotSigned => {
                f.write_str("the head was not signed with the master key of this installation")
            }
        }
    }
}
