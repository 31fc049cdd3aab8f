use domain::{
    catalog::{Package, Segment},
    defaults::{BookingType, DEFAULT_PACKAGES, DEFAULT_SEGMENT, DefaultPackage},
};
use serde_json::{Value, json};

use super::id;

pub(crate) fn segment() -> Segment {
    Segment {
        id: id(9),
        slug: DEFAULT_SEGMENT.slug.into(),
        name: DEFAULT_SEGMENT.name.into(),
        hero_title: DEFAULT_SEGMENT.hero_title.into(),
        description: DEFAULT_SEGMENT.description.into(),
        sort_order: DEFAULT_SEGMENT.sort_order,
        active: true,
    }
}

/// The body that creates a package.
pub(crate) fn new_package() -> Value {
    json!({ "name": "Sunset Cruise", "basePrice": 4950, "bookingType": "TIMESLOT" })
}

pub(crate) fn package() -> Package {
    Package {
        id: id(13),
        slug: "sunset-cruise".into(),
        name: "Sunset Cruise".into(),
        description: String::new(),
        base_price: 4950,
        price: "49.50".into(),
        currency: "EUR".into(),
        booking_type: BookingType::TimeSlot,
        grouping_order: 0,
        active: true,
        segment: DEFAULT_SEGMENT.slug.into(),
    }
}

/// The packages of a new tenant.
pub(crate) fn default_packages() -> Vec<Package> {
    let package = |(number, package): (u128, DefaultPackage)| Package {
        id: id(number),
        slug: package.slug.into(),
        name: package.name.into(),
        description: package.description.into(),
        base_price: package.price_minor,
        price: "0.00".into(),
        currency: "EUR".into(),
        booking_type: package.booking_type,
        grouping_order: package.grouping_order,
        active: true,
        segment: DEFAULT_SEGMENT.slug.into(),
    };
    (10..).zip(DEFAULT_PACKAGES).map(package).collect()
}
