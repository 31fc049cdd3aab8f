use axum::{http::StatusCode, response::Response};
use domain::{
    ErrorCode, Problem,
    idempotency_key::IdempotencyKey,
    provisioning::{Draft, DraftSubmission},
};
use engine::provisioning::{ProvisionRequest, provision_detached};

use super::{PageRequest, form::Fields};
use crate::pages::{FormResult, ProvisionOutcome};

/// Provisions, and shows the same page with what came of it. A session that has ended shows the
/// draft again, so that nothing typed is lost.
pub async fn submit(page: PageRequest, Fields(form): Fields<DraftSubmission>) -> Response {
    let (draft, key) = form.into_parts();
    match order(&page, &draft, &key).await {
        Ok(made) => {
            let posted = FormResult::Provision { draft: Box::new(draft), key, result: Ok(Box::new(made)) };
            page.render(Some(posted), StatusCode::OK).await
        }
        Err(problem) => {
            let posted =
                FormResult::Provision { draft: Box::new(draft), key, result: Err(Box::new(problem.clone())) };
            page.render_problem(&problem, posted).await
        }
    }
}

async fn order(page: &PageRequest, draft: &Draft, key: &str) -> Result<ProvisionOutcome, Problem> {
    let principal = page.page_context.0.clone().ok_or(ErrorCode::Unauthenticated)?;
    let key = IdempotencyKey::parse(key).map_err(ErrorCode::from)?;
    let order = ProvisionRequest { key, draft: draft.clone(), problems: Vec::new() };
    let console = &page.server.console;
    let answer = provision_detached(&console.engine, principal, order, &console.origin).await;
    answer.map(ProvisionOutcome::from).map_err(|error| error.report())
}
