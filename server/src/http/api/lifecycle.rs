//! Changes of a tenant's life. The path contains the tenant's ID, code, slug or former slug. Each responds
//! with the changed tenant, and with its version in the header `ETag`.

pub(super) mod activation;
pub(super) mod deletion;
pub(super) mod owner;
pub(super) mod owner_account;
pub(super) mod suspension;
pub(super) mod update;

use axum::response::Response;
use domain::lifecycle::ChangedTenant;

use super::entity_tag::versioned;

fn respond(tenant: ChangedTenant) -> Response {
    let version = tenant.version;
    versioned(tenant, version)
}
