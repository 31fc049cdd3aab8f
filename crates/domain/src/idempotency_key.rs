//! The idempotency key: what makes a repeated request the same request (SPEC section 4).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    ErrorCode,
    text_form::{problems, text_form},
};

/// A UUID of any version but the nil one, chosen by the client for one operation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdempotencyKey {
    uuid: Uuid,
    text: String,
}

text_form!(IdempotencyKey, IdempotencyKeyProblem, IdempotencyKey::parse);

problems! {
    /// Why a text is not an idempotency key.
    IdempotencyKeyProblem {
        Missing = "required", "An idempotency key is needed. Send a new UUID as Idempotency-Key.";
        Invalid = "invalid", "An idempotency key is a UUID, bare or in double quotes. Send a new one.";
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
const HYPHENATED: usize = 36;

impl IdempotencyKey {
    /// Reads a hyphenated UUID in any case, bare or in double quotes, as the header carries it.
    ///
    /// # Errors
    /// [`IdempotencyKeyProblem::Missing`] for an empty text, else
    /// [`IdempotencyKeyProblem::Invalid`].
    pub fn parse(text: &str) -> Result<Self, IdempotencyKeyProblem> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Err(IdempotencyKeyProblem::Missing);
        }
        let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let bare = quoted.unwrap_or(text);
        if bare.len() != HYPHENATED {
            return Err(IdempotencyKeyProblem::Invalid);
        }
        Uuid::try_parse(bare).map_err(|_| IdempotencyKeyProblem::Invalid).and_then(Self::from_uuid)
    }

    /// The key with this UUID.
    ///
    /// # Errors
    /// [`IdempotencyKeyProblem::Invalid`] for the nil UUID, which somebody forgot to fill in.
    pub fn from_uuid(uuid: Uuid) -> Result<Self, IdempotencyKeyProblem> {
        match uuid.is_nil() {
            true => Err(IdempotencyKeyProblem::Invalid),
            false => Ok(Self { uuid, text: uuid.hyphenated().to_string() }),
        }
    }

    /// The UUID itself.
    pub const fn uuid(&self) -> Uuid {
        self.uuid
    }
}
