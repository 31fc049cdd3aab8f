//! What pages ask of the server. Each function takes its context, parses, calls the engine and
//! maps the error; none holds a rule.

mod availability;
mod decisions;
mod health;
mod history;
mod provision;
mod record;

pub use availability::{check_email, check_slug};
pub use decisions::{retry_step, rollback, skip_step};
pub use health::{check_connector, read_health, refresh_health, usual_times};
pub use history::{follow_request, list_requests, open_request, refresh_requests};
pub use provision::{Made, find_by_key, past_runs, provision};
pub use record::Record;
