use axum::{http::StatusCode, response::Response};
use domain::{
    ErrorCode, Problem,
    idempotency_key::IdempotencyKey,
    provisioning::{Draft, DraftSubmission},
};
use engine::provisioning::{ProvisionRequest, provision_detached};

use super::{PageRequest, form::Fields};
use crate::console::{FormResult, ProvisionOutcome};

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
    let employee = page.employee.0.clone().ok_or(ErrorCode::Unauthenticated)?;
    let key = IdempotencyKey::parse(key).map_err(ErrorCode::from)?;
    let request = ProvisionRequest { key, draft: draft.clone(), problems: Vec::new() };
    let console = &page.server.console;
    let outcome = provision_detached(&console.engine, employee, request, &console.origin).await;
    outcome.map(ProvisionOutcome::from).map_err(|error| error.report())
}
