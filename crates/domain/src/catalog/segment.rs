use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A segment of a tenant's customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    /// The ID.
    pub id: Uuid,
    /// The name in URLs, unique within the tenant.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// The title of the segment's page.
    pub hero_title: String,
    /// The text under the title.
    pub description: String,
    /// The position in lists.
    pub sort_order: i32,
    /// Whether customers see the segment.
    pub active: bool,
}
