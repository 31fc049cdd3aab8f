use axum::{http::StatusCode, response::Response};
use domain::Problem;
use engine::access;
use secrecy::SecretString;
use serde::Deserialize;

use super::{PageRequest, form::Fields, setup::parse_password};
use crate::console::FormResult;

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct InvitationForm {
    password: SecretString,
}

impl Default for InvitationForm {
    fn default() -> Self {
        Self { password: String::new().into() }
    }
}

/// Accepts an invitation: sets the owner's password.
pub(crate) async fn accept(page: PageRequest, Fields(form): Fields<InvitationForm>) -> Response {
    match set_password(&page, &form.password).await {
        Ok(()) => page.render(Some(FormResult::Invitation { problem: None }), StatusCode::OK).await,
        Err(problem) => {
            let form_result = FormResult::Invitation { problem: Some(problem.clone()) };
            page.render_problem(&problem, form_result).await
        }
    }
}

async fn set_password(page: &PageRequest, password: &SecretString) -> Result<(), Problem> {
    let (engine, token) = (&page.server.console.engine, page.token());
    let invited = access::open_invitation(engine, &token).await.map_err(|error| error.report())?;
    let context = [invited.owner_email.as_str(), &invited.owner_name, &invited.tenant_name];
    let password =
        parse_password(password, &context).map_err(|problem| Problem::from_fields(vec![problem]))?;
    access::accept_invitation(engine, &token, &password).await.map_err(|error| error.report())
}
