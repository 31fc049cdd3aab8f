//! Everything that happens in Tenantry's database: provisioning, accounts, tokens, history, integrity checks,
//! and the glue between tenants and the job runner.
//!
//! The engine knows nothing of HTTP or HTML. Functions return data or an [`Error`];
//! [`Error::problem`] is what a client may see.

pub mod access;
mod engine;
mod error;
pub mod integrity;
pub mod pipeline;
pub mod provisioning;
pub mod schema;
mod secret;
mod telemetry;

pub use connectors::PipelineSettings;
pub use engine::Engine;
pub use error::Error;
pub use secret::MasterKey;
