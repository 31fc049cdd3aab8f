//! The steps of a provisioning job in external systems: database copies, Odoo 18 and 19, the metadata bridge.
//!
//! `docs/CONNECTORS.md` explains how to write a connector. [`build_steps`] creates every configured step; a
//! process calls this function once. All HTTP calls go through one [`Outbound`] client, and the [`Vault`]
//! encrypts the secrets of tenants. Connectors do not access Tenantry's database: the engine implements
//! [`SecretStore`] and [`ActivateTenant`](steps::ActivateTenant).

mod copies;
mod dns;
mod http_span;
pub mod mail;
mod odoo;
mod outbound;
pub mod settings;
pub mod steps;
mod tenant_step;
mod vault;

pub use copies::refill_pool;
pub use dns::{Dns, DnsFailure};
pub use outbound::{Outbound, http_client};
/// Why the HTTP client of the connectors could not be created.
pub use reqwest::Error as HttpClientError;
pub use settings::PipelineSettings;
pub use steps::build_steps;
pub use tenant_step::{JobOwner, JobTenant, TenantJob, TenantStep, TenantStepAdapter};
pub use vault::{EncryptedSecret, SecretStore, Vault, WrappingKey};
