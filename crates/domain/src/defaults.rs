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

/// A segment of a tenant's customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DefaultSegment {
    /// The display name.
    pub name: &'static str,
    /// The name in URLs, unique within the tenant.
    pub slug: &'static str,
}

/// A package that a tenant sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DefaultPackage {
    /// The name in URLs, unique within the tenant.
    pub slug: &'static str,
    /// The display name.
    pub name: &'static str,
    /// The price in the currency's minor units, such as cents.
    pub price_minor: i64,
    /// The position in lists, from 1.
    pub sort_order: i32,
}

/// The segment of every new tenant.
pub const DEFAULT_SEGMENT: DefaultSegment = DefaultSegment { name: "General", slug: "general" };

/// The packages of every new tenant. They cost nothing until the tenant sets a price.
pub const DEFAULT_PACKAGES: [DefaultPackage; 3] = [
    DefaultPackage { slug: "basic-package", name: "Basic", price_minor: 0, sort_order: 1 },
    DefaultPackage { slug: "standard-package", name: "Standard", price_minor: 0, sort_order: 2 },
    DefaultPackage { slug: "premium-package", name: "Premium", price_minor: 0, sort_order: 3 },
];
