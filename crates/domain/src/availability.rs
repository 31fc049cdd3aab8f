//! What the checks while typing answer.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Conflict, EmailReason},
    slug::Slug,
};

/// Whether a slug is free; where it is not, who has it and what is free instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlugAvailability {
    pub available: bool,
    pub conflict: Option<Conflict>,
    /// Three free slugs at most, best first.
    pub suggestions: Vec<Slug>,
}

/// Whether an e-mail can be a new owner's, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailAvailability {
    pub available: bool,
    pub reason: Option<EmailReason>,
    /// The tenant that the address owns.
    pub conflict: Option<Conflict>,
}
