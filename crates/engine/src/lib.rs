//! Provisioning, access, history and integrity checks: everything that happens in Tenantry's database.
//!
//! The engine does not depend on HTTP or HTML. Its functions return data or an [`Error`], which converts to
//! the [`Problem`](domain::Problem) that the client gets.

pub mod access;
pub mod adoption;
pub mod audit;
pub mod demo;
mod detached;
mod engine;
pub mod erasure;
mod error;
pub mod import;
pub mod integrity;
mod interval;
pub mod mail;
pub mod page;
pub mod pipeline;
mod prefix_search;
pub mod provisioning;
mod repeated_failure;
pub mod schema;
mod secret;
pub mod sign_up;
mod telemetry;
pub mod tenants;

pub use connectors::PipelineSettings;
pub use engine::Engine;
pub use error::Error;
pub use secret::MasterKey;
