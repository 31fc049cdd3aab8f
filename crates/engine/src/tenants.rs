//! The registry of tenants, and the API keys and the invitations of a tenant: what an admin can replace if a
//! secret or a link was lost (docs/specification.md, sections 7 and 9).
//!
//! Every change locks the tenant first, so that concurrent changes run one after the other, and adds an entry
//! to the audit log in the same transaction.

mod invitations;
mod keys;
mod lookup;
mod quotas;
mod registry;

pub use invitations::{list_invitations, resend_invitation, revoke_invitation};
pub use keys::{Rotation, list_keys, revoke_key, rotate_key};
pub use registry::{count_tenants, entity_tag, list_tenants, read_tenant, tenant_filter_problems};
