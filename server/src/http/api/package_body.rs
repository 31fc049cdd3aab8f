//! The description of the body that creates or replaces a package, which may have the old names of two
//! fields.

use domain::{
    defaults::BookingType,
    openapi::{Description, Name, SegmentReference},
};
use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::body_rules::{has, with_rule};

/// A package, with a name and a price.
///
/// The old names of fields are accepted. If a field is sent under both of its names, the new one is used.
/// `price` can be sent instead of `basePrice`, or with an equal one. The other fields of a response are
/// ignored, so that a package can be sent as it was read.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only describes the body")]
struct PackageProperties {
    /// The display name.
    #[schema(value_type = Option<Name>)]
    name: Option<String>,
    /// The old name of `name`.
    #[schema(value_type = Option<Name>, deprecated)]
    title: Option<String>,
    /// What the package includes. Empty if it is missing.
    #[schema(value_type = Option<Description>)]
    description: Option<String>,
    /// The price in the minor units of the tenant's currency, such as cents.
    #[schema(minimum = 0, maximum = 999_999_999_999_i64)]
    base_price: Option<i64>,
    /// The old name of `basePrice`.
    #[schema(minimum = 0, maximum = 999_999_999_999_i64, deprecated)]
    price_cents: Option<i64>,
    /// The price as a decimal number such as `12.50`, with at most the decimals of the tenant's currency.
    /// Send `basePrice` instead.
    #[schema(pattern = r"^[0-9]{1,9}(\.[0-9]{1,3})?$", format = "price", deprecated)]
    price: Option<String>,
    /// How customers book the package. By default, for a whole day.
    booking_type: Option<BookingType>,
    /// The position in lists.
    #[schema(minimum = 0, maximum = 1_000_000, default = 0)]
    grouping_order: Option<u32>,
    /// Whether customers see the package.
    #[schema(default = true)]
    active: Option<bool>,
    /// The segment. General if it is missing.
    #[schema(value_type = Option<SegmentReference>)]
    segment: Option<String>,
}

/// The body that creates or replaces a package.
#[derive(Debug)]
pub(super) struct PackageBody;

impl PartialSchema for PackageBody {
    fn schema() -> RefOr<Schema> {
        with_rule(PackageProperties::schema(), "anyOf", complete_bodies())
    }
}

impl ToSchema for PackageBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        PackageProperties::schemas(schemas);
    }
}

/// The schemas of bodies with a name and a price, under any of their names.
fn complete_bodies() -> Value {
    let names = ["name", "title"].into_iter();
    let pairs = names.flat_map(|name| ["basePrice", "priceCents", "price"].map(|price| (name, price)));
    pairs.map(|(name, price)| json!({ "allOf": [has(name), has(price)] })).collect()
}
