//! The life of a tenant after its provisioning: suspension, deletion, ownership and changes of its data.
//!
//! ```mermaid
//! stateDiagram-v2
//!     provisioning --> active: the last step
//!     pending_activation --> active: set_owner, without steps
//!     pending_activation --> active: the last step, after set_owner
//!     setup_incomplete --> active: set_owner
//!     pending_activation --> active: activate_tenant, which also approves a sign-up
//!     pending_activation --> [*]: decline_tenant, for a sign-up
//!     setup_incomplete --> active: activate_tenant
//!     active --> suspended: suspend_tenant, or the end of the trial
//!     suspended --> active: resume_tenant
//!     active --> deleted: delete_tenant
//!     suspended --> deleted: delete_tenant
//!     pending_activation --> deleted: delete_tenant
//!     setup_incomplete --> deleted: delete_tenant
//!     deleted --> active: restore_tenant, to the status before the deletion
//! ```
//!
//! A suspension, a resume, a deletion and a restore enqueue a lifecycle job, which applies the new status to
//! the external systems: it refuses or allows connections to the tenant's database, and sets the status in
//! Odoo 19 and in the metadata bridge. A later change supersedes the unfinished job of an earlier one, and
//! each step reads the status of the tenant when it begins, so the last status prevails. The activation of a
//! tenant that was restored before enqueues a job for the same reason.
//!
//! The trigger `tenants_guard_status` refuses every other change. The functions here check the status before,
//! to explain a refusal.

mod activate;
mod change;
mod decline;
mod delete;
mod due;
mod owner;
mod owner_account;
mod record;
mod sign_up_mail;
mod suspend;
mod update;

pub use activate::activate_tenant;
pub use decline::decline_tenant;
pub use delete::{delete_tenant, restore_tenant};
pub(crate) use due::{begin_purges, due_purges, end_trials, ended_trials, retry_lifecycle_jobs};
pub use owner::{NewOwner, set_owner};
pub use owner_account::{OwnerAccountChanges, change_owner_account};
pub use suspend::{resume_tenant, suspend_tenant};
pub use update::update_tenant;
