//! The status and headers of the current response.

use domain::Problem;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// Sets the status of the current response.
pub(crate) fn set_status(status: u16) {
    if let (Some(response), Ok(status)) =
        (use_context::<ResponseOptions>(), http::StatusCode::from_u16(status))
    {
        response.set_status(status);
    }
}

/// Sets the status and `Retry-After` of the current response to those of the problem.
pub(crate) fn set_problem(problem: &Problem) {
    set_status(problem.code.entry().status);
    if let (Some(response), Some(seconds)) = (use_context::<ResponseOptions>(), problem.retry_after_seconds())
    {
        response.insert_header(http::header::RETRY_AFTER, seconds.into());
    }
}
