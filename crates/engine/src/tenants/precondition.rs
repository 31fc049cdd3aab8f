use domain::ErrorCode;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::Error;

/// How many bytes of the hash an entity tag contains.
const TAG_BYTES: usize = 12;

/// A resource with the entity tag of its current version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged<T> {
    /// The resource.
    pub value: T,
    /// The value of `ETag`, with its quotes. Equal resources have equal tags.
    pub etag: String,
}

impl<T: Serialize> Tagged<T> {
    /// Computes the tag from the JSON form of the resource.
    ///
    /// # Errors
    /// When the resource has no JSON form.
    pub fn new(value: T) -> Result<Self, Error> {
        let digest = Sha256::digest(serde_json::to_vec(&value)?);
        let digits: String = digest.iter().take(TAG_BYTES).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { value, etag: format!("\"{digits}\"") })
    }
}

/// Which version of a resource a call replaces: the header `If-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// The call names no version.
    Missing,
    /// `*`: any version, as long as the resource exists.
    Any,
    /// No version: the resource does not exist yet.
    Absent,
    /// The entity tags of the versions that the call has read.
    OneOf(Vec<String>),
}

impl Precondition {
    /// Checks that the call names the current version.
    ///
    /// # Errors
    /// `PRECONDITION_REQUIRED` without a version; `PRECONDITION_FAILED` for another version.
    pub(super) fn require<T>(&self, current: &Tagged<T>) -> Result<(), Error> {
        match self {
            Self::Missing => Err(ErrorCode::PreconditionRequired.into()),
            given => given.check(Some(current)),
        }
    }

    /// Checks that the call names the current version, or no version. `current` is `None` if the resource does
    /// not exist.
    ///
    /// # Errors
    /// `PRECONDITION_FAILED` for another version.
    pub(super) fn check<T>(&self, current: Option<&Tagged<T>>) -> Result<(), Error> {
        let is_met = match (self, current) {
            (Self::Missing, _) | (Self::Any, Some(_)) | (Self::Absent, None) => true,
            (Self::Absent, Some(_)) => false,
            (Self::OneOf(tags), Some(current)) => tags.contains(&current.etag),
            (_, None) => false,
        };
        if is_met { Ok(()) } else { Err(ErrorCode::PreconditionFailed.into()) }
    }
}
