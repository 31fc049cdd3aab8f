use axum::{
    extract::{Query, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    ErrorCode, Problem, RequestStatus,
    idempotency_key::IdempotencyKey,
    paths,
    provisioning::{Draft, DraftSubmission},
};
use engine::provisioning::{ProvisionRequest, find_request, provision_detached};
use serde::Deserialize;
use uuid::Uuid;

use super::{PageRequest, form::Fields};
use crate::{
    console::{FormResult, ProvisionOutcome},
    http::{authentication::require_employee, error::ApiError},
};

/// The query parameters of the form's URL.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FormQuery {
    /// The failed request whose draft an admin opens again.
    request: Option<Uuid>,
}

/// Renders the form. If the query names a failed request, the form contains its draft. If the request has not
/// failed, redirects to its page.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for an unknown request; an error of the database.
pub(crate) async fn show(
    page: PageRequest,
    query: Result<Query<FormQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let request = query.map(|Query(query)| query.request).unwrap_or_default();
    let may_provision = page.employee().is_some_and(|employee| employee.role.may_provision());
    let Some(id) = request.filter(|_| may_provision) else {
        return Ok(page.show().await);
    };
    let detail = find_request(&page.server.console.engine, id).await?;
    if detail.summary.status != RequestStatus::Failed {
        return Ok(Redirect::to(&paths::request(id)).into_response());
    }
    let reopened = FormResult::Reopened {
        draft: Box::new(Draft::from_payload(&detail.payload)),
        key: detail.idempotency_key,
        attempts: detail.summary.attempts,
    };
    Ok(page.render(Some(reopened), StatusCode::OK).await)
}

/// Provisions a tenant and renders the same page with the outcome. If the session has ended, the page shows
/// the draft again, so that no input is lost.
pub(crate) async fn submit(page: PageRequest, Fields(form): Fields<DraftSubmission>) -> Response {
    let (draft, key) = form.into_parts();
    match provision_draft(&page, &draft, &key).await {
        Ok(outcome) => {
            let form_result =
                FormResult::Provision { draft: Box::new(draft), key, result: Ok(Box::new(outcome)) };
            page.render(Some(form_result), StatusCode::OK).await
        }
        Err(problem) => {
            let form_result =
                FormResult::Provision { draft: Box::new(draft), key, result: Err(Box::new(problem.clone())) };
            page.render_problem(&problem, form_result).await
        }
    }
}

async fn provision_draft(page: &PageRequest, draft: &Draft, key: &str) -> Result<ProvisionOutcome, Problem> {
    let employee = require_employee(page.person.0.clone()).map_err(|error| *error.problem)?;
    let key = IdempotencyKey::parse(key).map_err(ErrorCode::from)?;
    let request = ProvisionRequest::new(key, draft.clone());
    let console = &page.server.console;
    let outcome = provision_detached(&console.engine, employee, request, &console.origin).await;
    outcome.map(ProvisionOutcome::from).map_err(|error| error.report())
}
