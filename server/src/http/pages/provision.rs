use axum::{http::StatusCode, response::Response};
use domain::{ErrorCode, Problem, idempotency_key::IdempotencyKey, provisioning::Draft};
use engine::provisioning::{ProvisionRequest, provision_detached};
use serde::Deserialize;

use super::{PageRequest, form::Fields};
use crate::pages::{FormResult, Made};

/// The form fields, as a browser without JavaScript sends them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Submission {
    name: String,
    slug: String,
    plan: String,
    time_zone: String,
    currency: String,
    owner_name: String,
    owner_email: String,
    blueprint: String,
    theme: String,
    commission: String,
    idempotency_key: String,
}

impl Submission {
    fn into_draft(self) -> (Draft, String) {
        let draft = Draft {
            name: self.name,
            slug: self.slug,
            plan: self.plan,
            time_zone: self.time_zone,
            currency: self.currency,
            owner_name: self.owner_name,
            owner_email: self.owner_email,
            blueprint: self.blueprint,
            theme: self.theme,
            commission: self.commission,
        };
        (draft, self.idempotency_key)
    }
}

/// Provisions a tenant and renders the same page with the outcome. If the session has ended, the page shows
/// the draft again, so that no input is lost.
pub async fn submit(page: PageRequest, Fields(form): Fields<Submission>) -> Response {
    let (draft, key) = form.into_draft();
    match provision_draft(&page, &draft, &key).await {
        Ok(made) => {
            let form_result =
                FormResult::Provision { draft: Box::new(draft), key, result: Ok(Box::new(made)) };
            page.render(Some(form_result), StatusCode::OK).await
        }
        Err(problem) => {
            let form_result =
                FormResult::Provision { draft: Box::new(draft), key, result: Err(Box::new(problem.clone())) };
            page.render_problem(&problem, form_result).await
        }
    }
}

async fn provision_draft(page: &PageRequest, draft: &Draft, key: &str) -> Result<Made, Problem> {
    let principal = page.visitor.0.clone().ok_or(ErrorCode::Unauthenticated)?;
    let key = IdempotencyKey::parse(key).map_err(ErrorCode::from)?;
    let request = ProvisionRequest { key, draft: draft.clone(), problems: Vec::new() };
    let console = &page.server.console;
    let outcome = provision_detached(&console.engine, principal, request, &console.origin).await;
    outcome.map(Made::from).map_err(|error| error.report())
}
