use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{MAX_DESCRIPTION, MAX_NAME, PriceProblem, SentPrice, parse_order, price::MAX_MINOR};
use crate::{
    FieldProblem,
    defaults::BookingType,
    field::{Parsed, TextFields, parse_line, parse_text},
};

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

/// A package as a call sends it. The price depends on the currency of the tenant, and the segment must exist,
/// so both are checked with the data of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentPackage {
    /// The other fields.
    pub fields: Parsed<PackageFields>,
    /// The price.
    pub price: SentPrice,
    /// The slug or the ID of the segment. `None` for the default segment.
    pub segment: Option<String>,
}

/// The fields of a package that need no data of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFields {
    /// The display name.
    pub name: String,
    /// What the package includes.
    pub description: String,
    /// How customers book the package.
    pub booking_type: BookingType,
    /// The position in lists.
    pub grouping_order: i32,
    /// Whether customers see the package.
    pub active: bool,
}

/// The values of a package that are not texts.
#[derive(Debug, Clone, Copy, Default)]
pub struct PackageNumbers {
    /// The field `basePrice`.
    pub base_price: Option<u64>,
    /// The field `priceCents`, the old name of `basePrice`.
    pub price_cents: Option<u64>,
    /// The field `groupingOrder`.
    pub grouping_order: Option<u64>,
    /// The field `active`.
    pub active: Option<bool>,
}

impl SentPackage {
    /// The names of the fields in JSON. `title` and `priceCents` are the old names of `name` and `basePrice`.
    /// A call may also send those that only responses need.
    pub const FIELDS: [&'static str; 13] = [
        "name",
        "title",
        "description",
        "basePrice",
        "priceCents",
        "price",
        "bookingType",
        "groupingOrder",
        "active",
        "segment",
        "slug",
        "id",
        "currency",
    ];

    /// Parses a package. `text` returns the text of a field by its name in JSON. A missing description is
    /// empty, a missing position is 0, and a package is booked by date and active unless it says otherwise.
    /// If a field is sent under both of its names, the new one is used, and both are checked.
    pub fn parse(mut text: impl FnMut(&str) -> Option<String>, numbers: PackageNumbers) -> Self {
        let minor = numbers.base_price.or(numbers.price_cents);
        let price = SentPrice { minor, decimal: text("price") };
        let segment = text("segment");
        let (name, mut problems) = parse_names(text("name"), text("title"));
        if numbers.base_price.is_some() && numbers.price_cents.is_some_and(|price| price > MAX_MINOR) {
            problems.push(PriceProblem::TooLarge.in_field("priceCents"));
        }
        let mut fields = TextFields::new(text);
        let description = fields.required("description", |text| {
            parse_text("description", "the description", text, MAX_DESCRIPTION)
        });
        let booking_type = fields.required("bookingType", parse_booking_type);
        let order =
            fields.required("groupingOrder", |_| parse_order("groupingOrder", numbers.grouping_order));
        let complete = name.zip(description).zip(booking_type).zip(order);
        let mut fields =
            fields.finish(complete.map(|(((name, description), booking_type), grouping_order)| {
                let active = numbers.active.unwrap_or(true);
                PackageFields { name, description, booking_type, grouping_order, active }
            }));
        problems.append(&mut fields.problems);
        Self { fields: Parsed { problems, ..fields }, price, segment }
    }
}

/// Parses the name of a package, which may be sent under its old name. Returns the problems of both.
fn parse_names(name: Option<String>, old_name: Option<String>) -> (Option<String>, Vec<FieldProblem>) {
    let mut problems = Vec::new();
    let mut parse = |field: &str, text: &str| {
        parse_line(field, "a name", text, MAX_NAME).map_err(|problem| problems.push(problem)).ok()
    };
    let name = match (&name, &old_name) {
        (None, Some(_)) => None,
        (name, _) => parse("name", name.as_deref().unwrap_or_default()),
    };
    let old_name = old_name.and_then(|text| parse("title", &text));
    (name.or(old_name), problems)
}

fn parse_booking_type(text: &str) -> Result<BookingType, FieldProblem> {
    let unknown = || FieldProblem::new("bookingType", "unknown", "Send DATE or TIMESLOT.");
    if text.is_empty() { Ok(BookingType::Date) } else { BookingType::from_text(text).ok_or_else(unknown) }
}
