//! Making tenants: the call of the atomic core, the checks while typing, and the history.

mod availability;
mod core_call;
mod detached;
mod estimate;
mod history;
mod noted;
mod order;
mod provision;
mod recovery;

pub use availability::{check_email, check_slug};
pub use detached::provision_detached;
pub use estimate::estimate;
pub use history::{find_request, find_request_by_key, list_requests};
pub use order::ProvisionRequest;
pub use provision::{Answer, provision};
pub use recovery::{cleanup_stuck, mark_failed, rollback};
