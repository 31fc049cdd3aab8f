use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{MAX_DESCRIPTION, MAX_NAME, parse_order};
use crate::field::{Parsed, TextFields, parse_line, parse_text};

/// The longest title of a segment's page, in characters.
pub(crate) const MAX_HERO_TITLE: usize = 120;

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

/// The fields of a segment that a call sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSegment {
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

impl NewSegment {
    /// The names of the fields in JSON. A call may also send those that only responses need.
    pub const FIELDS: [&'static str; 7] =
        ["name", "heroTitle", "description", "sortOrder", "active", "slug", "id"];

    /// Parses a segment. `text` returns the text of a field by its name in JSON. Missing texts are empty, a
    /// missing position is 0, and a segment is active unless `active` is false.
    pub fn parse(
        text: impl FnMut(&str) -> Option<String>,
        sort_order: Option<u64>,
        active: Option<bool>,
    ) -> Parsed<Self> {
        let mut fields = TextFields::new(text);
        let name = fields.required("name", |text| parse_line("name", "a name", text, MAX_NAME));
        let hero_title = fields.required("heroTitle", |text| match text.trim() {
            "" => Ok(String::new()),
            text => parse_line("heroTitle", "the title", text, MAX_HERO_TITLE),
        });
        let description = fields.required("description", |text| {
            parse_text("description", "the description", text, MAX_DESCRIPTION)
        });
        let sort_order = fields.required("sortOrder", |_| parse_order("sortOrder", sort_order));
        let complete = name.zip(hero_title).zip(description).zip(sort_order);
        fields.finish(complete.map(|(((name, hero_title), description), sort_order)| Self {
            name,
            hero_title,
            description,
            sort_order,
            active: active.unwrap_or(true),
        }))
    }
}
