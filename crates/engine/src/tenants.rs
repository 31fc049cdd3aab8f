//! The registry of tenants, their life, and what belongs to a tenant: its settings and branding, its segments
//! and packages, its API keys and its invitations (docs/specification.md, sections 7 and 9).
//!
//! Every change locks the tenant first, so that concurrent changes run one after the other, and adds an entry
//! to the audit log in the same transaction. A call with the secret key of a tenant runs in a transaction
//! that sees only the rows of this tenant.

mod activity;
mod branding;
mod catalog;
mod document;
mod domains;
mod export;
mod invitations;
mod keys;
mod lifecycle;
mod lookup;
mod members;
mod memberships;
mod overview;
mod packages;
mod precondition;
mod quotas;
mod registry;
mod repeated_call;
mod scope;
mod segments;
mod settings;
mod usage;

pub use activity::list_activity;
pub use branding::{find_branding, replace_branding};
pub use domains::{DomainSettings, NewDomain, add_domain, list_domains, remove_domain, verify_domain};
pub use export::{TenantExport, export_tenant};
pub use invitations::{list_invitations, resend_invitation, revoke_invitation};
pub use keys::{NewKey, Rotation, create_key, list_keys, revoke_key, rotate_key, rotate_own_key};
pub use lifecycle::{
    NewOwner, OwnerAccountChanges, activate_tenant, change_owner_account, decline_tenant, delete_tenant,
    restore_tenant, resume_tenant, set_owner, suspend_tenant, update_tenant,
};
pub(crate) use lifecycle::{begin_purges, due_purges, end_trials, ended_trials, retry_lifecycle_jobs};
pub use members::{
    FoundMembers, InvitedMember, change_member_role, invite_member, list_members, remove_member,
    search_members, transfer_ownership,
};
pub use memberships::list_memberships;
pub use overview::find_tenant_overview;
pub use packages::{
    PackageCreation, create_package, delete_package, find_package, list_packages, replace_package,
};
pub use precondition::{Precondition, Tagged};
pub use registry::{
    count_awaiting_approval, count_tenants, entity_tag, list_tenants, read_tenant, tenant_filter_problems,
};
pub(crate) use repeated_call::delete_old_calls;
pub use scope::TenantCaller;
pub use segments::{find_segment, list_segments, replace_segment};
pub use settings::{find_settings, replace_settings};
pub use usage::{list_usage, report_usage};
