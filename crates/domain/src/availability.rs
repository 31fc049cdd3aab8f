//! The results of the availability checks that run while the user types.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Conflict, EmailReason},
    slug::Slug,
};

/// Whether a slug is available. If not, which tenant uses it, and which alternatives are available.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlugAvailability {
    /// Whether a new tenant can use the slug.
    pub available: bool,
    /// The tenant that uses the slug.
    pub conflict: Option<Conflict>,
    /// The name of the tenant of the earlier system that uses the slug, if no tenant of Tenantry uses it.
    #[serde(default)]
    pub earlier_tenant: Option<String>,
    /// Up to three available slugs, best first.
    pub suggestions: Vec<Slug>,
}

/// Whether a new owner can use an e-mail address. If not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailAvailability {
    /// Whether a new owner can use the address.
    pub available: bool,
    /// Why the address is not available.
    pub reason: Option<EmailReason>,
    /// The tenant whose owner has this address, if that is the reason.
    pub conflict: Option<Conflict>,
}
