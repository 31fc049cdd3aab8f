//! The idempotency key, which identifies repeated calls for one request (`docs/specification.md`, section 4).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    ErrorCode,
    text_form::{problems, text_form},
};

/// A UUID that the client chooses for one operation. Every version is valid, but not the nil UUID.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdempotencyKey {
    uuid: Uuid,
    text: String,
}

text_form!(IdempotencyKey, IdempotencyKeyProblem, IdempotencyKey::parse);

problems! {
    /// The reason why a text is not a valid idempotency key.
    IdempotencyKeyProblem {
        Missing = "required", "The idempotency key is missing. Send a new UUID in the Idempotency-Key header.";
        Invalid = "invalid", "The idempotency key is not a UUID. Send a new UUID, with or without double quotes.";
    }
}

impl From<IdempotencyKeyProblem> for ErrorCode {
    fn from(problem: IdempotencyKeyProblem) -> Self {
        match problem {
            IdempotencyKeyProblem::Missing => Self::IdempotencyKeyMissing,
            IdempotencyKeyProblem::Invalid => Self::IdempotencyKeyInvalid,
        }
    }
}

/// The length of a UUID in its hyphenated form.
const HYPHENATED_LENGTH: usize = 36;

impl IdempotencyKey {
    /// Parses a hyphenated UUID in any case, with or without double quotes, as in the header.
    ///
    /// # Errors
    /// [`IdempotencyKeyProblem::Missing`] for an empty text, [`IdempotencyKeyProblem::Invalid`] for any
    /// other text that is not a UUID.
    pub fn parse(text: &str) -> Result<Self, IdempotencyKeyProblem> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Err(IdempotencyKeyProblem::Missing);
        }
        let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let bare = quoted.unwrap_or(text);
        if bare.len() != HYPHENATED_LENGTH {
            return Err(IdempotencyKeyProblem::Invalid);
        }
        Uuid::try_parse(bare).map_err(|_| IdempotencyKeyProblem::Invalid).and_then(Self::from_uuid)
    }

    /// Creates the key with this UUID.
    ///
    /// # Errors
    /// [`IdempotencyKeyProblem::Invalid`] for the nil UUID, which is a placeholder.
    pub fn from_uuid(uuid: Uuid) -> Result<Self, IdempotencyKeyProblem> {
        match uuid.is_nil() {
            true => Err(IdempotencyKeyProblem::Invalid),
            false => Ok(Self { uuid, text: uuid.hyphenated().to_string() }),
        }
    }

    /// The UUID of the key.
    pub const fn uuid(&self) -> Uuid {
        self.uuid
    }
}
