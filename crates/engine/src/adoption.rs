//! Adoption of the tenants of the earlier system (`docs/specification.md`, section 4, and `docs/ADOPT.md`).
//!
//! The earlier system keeps its tenants in the schemas `public` and `auth` of some database, usually the one that
//! contains the schema `tenantry`. [`adopt`] reads them in one transaction that cannot write, decides for each of
//! them whether and how it can be adopted ([`plan`]), and creates them here through the atomic core. The
//! external ID of an adopted tenant is `earlier:` and the earlier ID, and its idempotency key is derived from the
//! earlier ID. Therefore an adoption can be interrupted, repeated, and run at the same time as another one.
//!
//! While both systems run in one database, the SQL functions `earlier_slugs` and `earlier_has_email` make the
//! slugs and addresses of the earlier system count as taken, also before its tenants are adopted.

mod error;
mod invite;
mod known;
mod plan;
mod refusal;
mod report;
mod retire;
mod run;
mod shape;
mod source;

pub use error::AdoptionError;
pub use report::{AdoptedTenant, AdoptionReport, EarlierFunction, Finding, Reason};
pub use run::{AdoptionOptions, adopt};
pub use shape::hidden_earlier_system;

/// The external ID of an adopted tenant begins with this.
pub(crate) const EXTERNAL_ID_PREFIX: &str = "earlier:";
