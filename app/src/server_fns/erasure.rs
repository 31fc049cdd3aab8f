use domain::{Problem, erasure::ErasureReport};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Failure, codec::Json};

/// The page that erases a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedErasure {
    /// The address as typed.
    pub email: String,
    /// The reference as typed.
    pub reference: String,
    /// What would be erased, by the label of the data, or what must be done first. None before an address was entered.
    pub report: Option<ErasureReport>,
    /// Why nothing was changed.
    pub problem: Option<Problem>,
}

/// The result of the form that was posted.
///
/// # Errors
/// `UNAUTHENTICATED`; `FORBIDDEN` unless the employee is a SUPER_ADMIN.
#[server(prefix = "/api/fn", endpoint = "open_erasure", input = Json, output = Json)]
pub async fn open_erasure() -> Result<OpenedErasure, Failure> {
    use crate::server_context::{respond_with_problem, signed_in_employee};
    if !signed_in_employee()?.role.may_manage_access() {
        return Err(respond_with_problem(domain::ErrorCode::Forbidden.into()));
    }
    Ok(match use_context() {
        Some(crate::FormResult::Erasure { values, report, problem }) => OpenedErasure {
            email: values.get("email").unwrap_or_default().to_owned(),
            reference: values.get("reference").unwrap_or_default().to_owned(),
            report: report.map(|report| *report),
            problem: problem.map(|problem| *problem),
        },
        _ => OpenedErasure::default(),
    })
}
