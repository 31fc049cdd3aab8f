use axum::response::Response;
use domain::{ErrorCode, Problem, paths};
use engine::access::{self, InvitationLink};
use secrecy::SecretString;
use serde::Deserialize;

use super::{PageRequest, form::Fields, page_request::see_other, setup::parse_password};
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

/// Accepts an invitation: sets the owner's password. Redirects to the page of the link, which then says that
/// the password is set, so that a reload does not send the form again.
pub(crate) async fn accept(page: PageRequest, Fields(form): Fields<InvitationForm>) -> Response {
    match set_password(&page, &form.password).await {
        Ok(()) => see_other(&paths::invitation(&page.token()), None),
        Err(problem) => {
            let form_result = FormResult::Invitation { problem: problem.clone() };
            page.render_problem(&problem, form_result).await
        }
    }
}

/// Sets the password of an open invitation. Does nothing if the invitation was accepted before.
async fn set_password(page: &PageRequest, password: &SecretString) -> Result<(), Problem> {
    let (engine, token) = (&page.server.console.engine, page.token());
    let invited = match access::find_invitation(engine, &token).await.map_err(|error| error.report())? {
        InvitationLink::Open(invited) => invited,
        InvitationLink::Accepted => return Ok(()),
    };
    let context = [invited.owner_email.as_str(), &invited.owner_name, &invited.tenant_name];
    let password =
        parse_password(password, &context).map_err(|problem| Problem::from_fields(vec![problem]))?;
    match access::accept_invitation(engine, &token, &password).await {
        // Another click accepted the invitation first.
        Err(error) if error.problem().code == ErrorCode::ResourceNotFound => {
            let found = access::find_invitation(engine, &token).await;
            found.map(|_| ()).map_err(|error| error.report())
        }
        accepted => accepted.map_err(|error| error.report()),
    }
}
