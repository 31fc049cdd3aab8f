//! The API keys of a tenant, in the form that admins see, and their rotation (`docs/specification.md`,
//! section 7).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{FieldProblem, Timestamp, field::parse_line, text_form::text_enum};

text_enum! {
    /// The status of an API key.
    KeyStatus {
        /// The key works.
        Active = "active",
        /// The key was replaced and works until its overlap ends.
        Expiring = "expiring",
        /// The key was replaced and its overlap has ended.
        Expired = "expired",
        /// An admin revoked the key.
        Revoked = "revoked",
    }
}

/// The name of the key pair that a tenant gets at provisioning.
pub const DEFAULT_NAME: &str = "Default";
/// How many key pairs of a tenant can work at the same time.
pub const MAX_WORKING_KEYS: u8 = 20;
/// The maximum length of a key's name.
pub(crate) const MAX_NAME: usize = 80;

/// Parses the name of a key pair.
///
/// # Errors
/// The rule that `text` breaks.
pub fn parse_key_name(text: &str) -> Result<String, FieldProblem> {
    parse_line("name", "a name for the API key", text, MAX_NAME)
}

/// An API key pair of a tenant, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TenantKey {
    /// The ID of the key pair.
    pub id: Uuid,
    /// The name of the key pair, and of the pairs that replace it.
    pub name: String,
    /// The public key.
    pub public_key: String,
    /// The status of both keys.
    pub status: KeyStatus,
    /// When the key pair was created.
    pub created_at: Timestamp,
    /// When the secret key was last used.
    pub last_used_at: Option<Timestamp>,
    /// When a replaced key pair stops working.
    pub expires_at: Option<Timestamp>,
    /// When the key pair was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The key pair that replaced this one.
    pub replaced_by: Option<Uuid>,
}

/// The result of a call that creates or replaces a key pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IssuedKey {
    /// The new key pair.
    pub key: TenantKey,
    /// The new secret key. Only the first response contains it.
    pub secret_key: Option<String>,
    /// Whether an earlier response contained the secret key.
    pub secret_key_revealed: bool,
    /// What the client can do if the earlier response was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub next_step: Option<String>,
}

/// How long a replaced key keeps working, in hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overlap(u8);

impl Overlap {
    /// The longest overlap: seven days.
    pub const MAX_HOURS: u8 = 168;

    /// Creates an overlap. With 0 hours, the replaced key stops working immediately.
    ///
    /// # Errors
    /// The rule that `hours` breaks.
    pub fn from_hours(hours: i64) -> Result<Self, FieldProblem> {
        match u8::try_from(hours) {
            Ok(hours) if hours <= Self::MAX_HOURS => Ok(Self(hours)),
            _ => Err(FieldProblem::new(
                "overlapHours",
                "out_of_range",
                "The overlap is not valid. Send a whole number of hours from 0 to 168.",
            )),
        }
    }

    /// The number of hours.
    pub const fn hours(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Overlap;

    #[test]
    fn an_overlap_lasts_from_0_to_168_hours() {
        assert_eq!(Overlap::default(), Overlap::from_hours(0).unwrap());
        assert_eq!(Overlap::from_hours(168).map(Overlap::hours), Ok(168));
        for hours in [-1, 169, 256, i64::MAX] {
            assert_eq!(Overlap::from_hours(hours).unwrap_err().field, "overlapHours", "{hours}");
        }
    }
}
