//! What happens: PostgreSQL, the atomic core, accounts, tokens and integrity checks.
//!
//! The engine knows nothing of HTTP or HTML. Whoever calls it gets data or an [`Error`], and
//! an error knows the [`Problem`](domain::Problem) that may be told outside.

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
