use std::fmt;

use domain::{TenantStatus, registry::TenantSort};
use uuid::Uuid;

use crate::page::Cursor;

/// The start of a cursor by name.
const NAME: &str = "name";
/// The maximum length of a name in a cursor, in bytes: names have at most 120 characters, and a character can
/// become longer in lower case.
const MAX_NAME_LENGTH: usize = 1_000;

/// The position of a tenant in the registry, and its text form for URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Position {
    Created(Cursor),
    Name {
        /// The name in lower case, as the database converts it.
        name: String,
        id: Uuid,
    },
    Status(TenantStatus, Cursor),
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Created(cursor) => cursor.fmt(f),
            Self::Name { name, id } => write!(f, "{NAME}.{name}.{}", id.simple()),
            Self::Status(status, cursor) => write!(f, "{status}.{cursor}"),
        }
    }
}

impl Position {
    /// Parses a cursor. Returns `None` if the cursor belongs to another order.
    pub(super) fn parse(sort: TenantSort, text: &str) -> Option<Self> {
        match sort {
            TenantSort::Created => Cursor::parse(text).map(Self::Created),
            TenantSort::Name => {
                let (start, rest) = text.split_once('.')?;
                let (name, id) = rest.rsplit_once('.')?;
                let is_valid = start == NAME && name.len() <= MAX_NAME_LENGTH && !name.contains('\0');
                let id = Uuid::try_parse(id).ok().filter(|_| is_valid)?;
                Some(Self::Name { name: name.to_owned(), id })
            }
            TenantSort::Status => {
                let (status, rest) = text.split_once('.')?;
                Some(Self::Status(TenantStatus::from_text(status)?, Cursor::parse(rest)?))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_one_order() {
        let cursor = Cursor { created_us: 1_795_245_957_000_000, id: Uuid::from_u128(7) };
        let positions = [
            (TenantSort::Created, Position::Created(cursor)),
            (TenantSort::Name, Position::Name { name: "dot. and so on.".into(), id: cursor.id }),
            (TenantSort::Status, Position::Status(TenantStatus::Active, cursor)),
        ];
        for (sort, position) in &positions {
            for other in TenantSort::ALL {
                let parsed = Position::parse(*other, &position.to_string());
                assert_eq!(parsed.as_ref(), (other == sort).then_some(position), "{position}");
            }
        }
        for text in ["", ".", "name.", "name.x", "name.x.y", "active.5.x", "nothing.5.0"] {
            assert!(TenantSort::ALL.iter().all(|sort| Position::parse(*sort, text).is_none()), "{text}");
        }
    }
}
