//! What a new tenant gets when nobody says otherwise (SPEC section 4). The console, the API,
//! sign-up, import and the command line all use these.

mod commission;
mod currency;
mod theme;
mod time_zone;

use serde::Serialize;

pub use commission::{Commission, CommissionProblem};
pub use currency::{Currency, CurrencyProblem};
pub use theme::{ThemePreset, ThemeProblem};
pub use time_zone::{CommonZone, TimeZone, TimeZoneProblem};

/// A group of a tenant's customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DefaultSegment {
    /// The name for people.
    pub name: &'static str,
    /// The name in addresses, unique in the tenant.
    pub slug: &'static str,
}

/// Something that a tenant sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DefaultPackage {
    /// The name in addresses, unique in the tenant.
    pub slug: &'static str,
    /// The name for people.
    pub name: &'static str,
    /// The price in the currency's minor units, such as cents.
    pub price_minor: i64,
    /// The place in lists, from 1.
    pub sort_order: i32,
}

/// The segment that every tenant starts with.
pub const DEFAULT_SEGMENT: DefaultSegment = DefaultSegment { name: "General", slug: "general" };

/// The packages that every tenant starts with, free until the tenant sets a price.
pub const DEFAULT_PACKAGES: [DefaultPackage; 3] = [
    DefaultPackage { slug: "basic-package", name: "Basic", price_minor: 0, sort_order: 1 },
    DefaultPackage { slug: "standard-package", name: "Standard", price_minor: 0, sort_order: 2 },
    DefaultPackage { slug: "premium-package", name: "Premium", price_minor: 0, sort_order: 3 },
];
