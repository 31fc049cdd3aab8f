use axum::{http::StatusCode, response::Response};
use domain::{ErrorCode, Problem, idempotency_key::IdempotencyKey, provisioning::Draft};
use engine::provisioning::{ProvisionRequest, provision_detached};
use serde::Deserialize;

use super::{PageRequest, form::Fields};
use crate::pages::{FormResult, Made};

/// The form as a browser without scripts sends it.
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

/// Provisions, and shows the same page with what came of it. A session that has ended shows the
/// draft again, so that nothing typed is lost.
pub async fn submit(page: PageRequest, Fields(form): Fields<Submission>) -> Response {
    let (draft, key) = form.into_draft();
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

async fn order(page: &PageRequest, draft: &Draft, key: &str) -> Result<Made, Problem> {
    let principal = page.visitor.0.clone().ok_or(ErrorCode::Unauthenticated)?;
    let key = IdempotencyKey::parse(key).map_err(ErrorCode::from)?;
    let order = ProvisionRequest { key, draft: draft.clone(), problems: Vec::new() };
    let console = &page.server.console;
    let answer = provision_detached(&console.engine, principal, order, &console.origin).await;
    answer.map(Made::from).map_err(|error| error.report())
}
