use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::defaults::BookingType;

/// A package that a tenant sells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Package {
    /// The ID.
    pub id: Uuid,
    /// The name in URLs, unique within the tenant.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// What the package includes.
    pub description: String,
    /// The price in the minor units of the currency, such as cents.
    pub base_price: i64,
    /// The same price as a decimal number, such as `12.50`.
    pub price: String,
    /// The code of the tenant's currency (ISO 4217).
    pub currency: String,
    /// How customers book the package.
    pub booking_type: BookingType,
    /// The position in lists.
    pub grouping_order: i32,
    /// Whether customers see the package.
    pub active: bool,
    /// The slug of the segment.
    pub segment: String,
}
