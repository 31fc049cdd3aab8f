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

/// What accepting an invitation resulted in.
enum Acceptance {
    /// The password was set, and a session was opened.
    SignedIn(SecretString),
    /// The signed-in account has joined the tenant.
    Joined,
    /// The invitation was accepted before, or the account must sign in first.
    Shown,
}

/// Accepts an invitation. Sets the password of an account that has none, and signs it in. Otherwise, the
/// signed-in account joins the tenant. Then redirects to the portal, so that a reload does not send the form
/// again.
pub(crate) async fn accept(page: PageRequest, Fields(form): Fields<InvitationForm>) -> Response {
    match try_accept(&page, &form.password).await {
        Ok(Acceptance::SignedIn(session)) => see_other(paths::PORTAL, page.begin_session(&session).await),
        Ok(Acceptance::Joined) => see_other(paths::PORTAL, None),
        Ok(Acceptance::Shown) => see_other(&paths::invitation(&page.token()), None),
        Err(problem) => {
            let form_result = FormResult::Invitation { problem: problem.clone() };
            page.render_problem(&problem, form_result).await
        }
    }
}

async fn try_accept(page: &PageRequest, password: &SecretString) -> Result<Acceptance, Problem> {
    let (engine, token) = (&page.server.console.engine, page.token());
    let origin = &page.server.console.origin;
    match access::find_invitation(engine, &token).await.map_err(|error| error.report())? {
        InvitationLink::Open(invited) => {
            let context = [invited.email.as_str(), &invited.name, &invited.tenant_name];
            let password =
                parse_password(password, &context).map_err(|problem| Problem::from_fields(vec![problem]))?;
            match access::accept_invitation(engine, &token, &password, origin).await {
                Ok(session) => Ok(Acceptance::SignedIn(session)),
                // Another click accepted the invitation first.
                Err(error) if error.problem().code == ErrorCode::ResourceNotFound => {
                    let found = access::find_invitation(engine, &token).await;
                    found.map(|_| Acceptance::Shown).map_err(|error| error.report())
                }
                Err(error) => Err(error.report()),
            }
        }
        InvitationLink::Join { account_id, tenant_code, .. } => match page.account() {
            Some(account) if account.id == account_id => {
                let joined = access::join_tenant(engine, &account, &tenant_code).await;
                joined.map(|()| Acceptance::Joined).map_err(|error| error.report())
            }
            _ => Ok(Acceptance::Shown),
        },
        InvitationLink::Accepted => Ok(Acceptance::Shown),
    }
}
