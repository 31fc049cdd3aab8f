//! The defaults of a new tenant (`docs/specification.md`, section 4). The console, the API and the
//! command line all use them.

mod commission;
mod currency;
mod theme;
mod time_zone;

use serde::Serialize;

pub use commission::{Commission, CommissionProblem};
pub use currency::{Currency, CurrencyProblem};
pub use theme::{ThemePreset, ThemeProblem};
pub use time_zone::{CommonZone, TimeZone, TimeZoneProblem};

use crate::text_form::text_enum;

/// A segment of a tenant's customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DefaultSegment {
    /// The display name.
    pub name: &'static str,
    /// The name in URLs, unique within the tenant.
    pub slug: &'static str,
    /// The title of the segment's page.
    pub hero_title: &'static str,
    /// The text under the title.
    pub description: &'static str,
    /// The position in lists, from 1.
    pub sort_order: i32,
}

/// A package that a tenant sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DefaultPackage {
    /// The name in URLs, unique within the tenant.
    pub slug: &'static str,
    /// The display name.
    pub name: &'static str,
    /// What the package includes, in one sentence.
    pub description: &'static str,
    /// The price in the currency's minor units, such as cents.
    pub price_minor: i64,
    /// How customers book the package.
    pub booking_type: BookingType,
    /// The position in lists, from 1.
    pub grouping_order: i32,
}

text_enum! {
    /// How customers book a package.
    BookingType {
        /// For a whole day.
        Date = "DATE",
        /// For a time of a day.
        TimeSlot = "TIMESLOT",
    }
}

/// The segment of every new tenant.
pub const DEFAULT_SEGMENT: DefaultSegment = DefaultSegment {
    name: "General",
    slug: "general",
    hero_title: "Welcome",
    description: "Everything that we offer, in one place.",
    sort_order: 1,
};

/// The packages of every new tenant. They cost nothing until the tenant sets a price.
pub const DEFAULT_PACKAGES: [DefaultPackage; 3] = [
    DefaultPackage {
        slug: "basic-package",
        name: "Basic Package",
        description: "The essentials for a simple start.",
        price_minor: 0,
        booking_type: BookingType::Date,
        grouping_order: 1,
    },
    DefaultPackage {
        slug: "standard-package",
        name: "Standard Package",
        description: "The usual choice, with more included.",
        price_minor: 0,
        booking_type: BookingType::Date,
        grouping_order: 2,
    },
    DefaultPackage {
        slug: "premium-package",
        name: "Premium Package",
        description: "The complete experience, with every extra.",
        price_minor: 0,
        booking_type: BookingType::Date,
        grouping_order: 3,
    },
];
