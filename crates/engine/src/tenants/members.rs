//! The members of a tenant: their roles, and their invitations (docs/specification.md, section 7). An account
//! is invited, joins the tenant when the person accepts the invitation, and can be removed.
//!
//! A tenant has at least one owner who has joined it. One of the owners is the owner of the registry
//! (`tenants.owner_id`).

mod change;
mod invite;
mod limit;
mod list;
mod owners;
mod remove;
mod role;

pub(super) use change::MemberChange;
pub use invite::{InvitedMember, invite_member};
pub(super) use limit::limit_invitations;
pub use list::{FoundMembers, list_members, search_members};
pub use owners::transfer_ownership;
pub use remove::remove_member;
pub use role::change_member_role;
