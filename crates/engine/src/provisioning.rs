//! Provisioning of tenants: the atomic core, the availability checks of the form, and the history.

mod availability;
mod core_call;
mod detached;
mod estimate;
mod history;
mod instrumented;
mod outcome;
mod provision;
mod recovery;
mod request;

pub(crate) use availability::check_email_with;
pub use availability::{check_email, check_slug};
pub use detached::provision_detached;
pub use estimate::estimate;
pub use history::{filter_problems, find_request, find_request_by_key, list_employee_names, list_requests};
pub use outcome::ProvisionOutcome;
pub use provision::provision;
pub use recovery::{cleanup_stuck, find_stuck, mark_failed, rollback};
pub(crate) use request::members_to_json;
pub use request::{ImportOptions, ProvisionRequest, RequestSource, SignUpOptions};
