use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Failure, codec::Json};

/// The page that erases a person. The server prepares the texts, so that browsers need no code for them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedErasure {
    /// The address as typed.
    pub email: String,
    /// The reference as typed.
    pub reference: String,
    /// What the form found or did.
    pub result: ErasureResult,
    /// The invalid field and its problem, or a problem without a field.
    pub problem: Option<(String, String)>,
}

/// What the form found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErasureResult {
    /// No address was entered, or it is not known what would be erased.
    #[default]
    Unknown,
    /// There is nothing to erase.
    Nothing,
    /// What must be done first.
    Refused(Vec<Obstacle>),
    /// What would be erased: the kinds of data, and the numbers of rows.
    Preview(Vec<(String, u64)>),
}

/// What must be done before a person can be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obstacle {
    /// What is in the way, and what to do.
    pub message: String,
    /// The page on which to do it.
    pub path: String,
    /// The text of the link to this page.
    pub link: String,
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
    let Some(crate::FormResult::Erasure { values, report, problem }) = use_context() else {
        return Ok(OpenedErasure::default());
    };
    Ok(OpenedErasure {
        email: values.get("email").unwrap_or_default().to_owned(),
        reference: values.get("reference").unwrap_or_default().to_owned(),
        result: report.map(|report| result(*report)).unwrap_or_default(),
        problem: problem.map(|problem| match problem.errors.first() {
            Some(error) => (error.field.clone(), error.message.clone()),
            None => (String::new(), format!("{} {}", problem.detail(), problem.next_step())),
        }),
    })
}

#[cfg(feature = "ssr")]
fn result(report: domain::erasure::ErasureReport) -> ErasureResult {
    use domain::erasure::ErasureOutcome;
    match report.outcome {
        ErasureOutcome::Nothing => ErasureResult::Nothing,
        ErasureOutcome::Refused => {
            ErasureResult::Refused(report.refusals.into_iter().map(obstacle).collect())
        }
        ErasureOutcome::Erased => {
            let rows = report.places.into_iter().map(|place| (place.label(), place.rows));
            ErasureResult::Preview(rows.collect())
        }
    }
}

#[cfg(feature = "ssr")]
fn obstacle(refusal: domain::erasure::ErasureRefusal) -> Obstacle {
    use domain::{erasure::RefusalKind, paths};
    let (path, link) = match refusal.kind {
        RefusalKind::LastOwner => {
            (paths::tenant(refusal.code.as_deref().unwrap_or_default()), "Open the tenant")
        }
        RefusalKind::LastSuperAdmin | RefusalKind::OwnAccount => (paths::TEAM.to_owned(), "Open the team"),
        RefusalKind::RunningImport => (paths::IMPORT.to_owned(), "Open the imports"),
    };
    Obstacle { message: refusal.message(), path, link: link.to_owned() }
}
