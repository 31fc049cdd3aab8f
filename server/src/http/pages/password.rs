use axum::response::Response;
use domain::{Problem, paths};
use engine::access;
use secrecy::SecretString;
use serde::Deserialize;

use super::{PageRequest, form::Fields, page_request::see_other, setup::parse_password};
use crate::console::FormResult;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ResetRequestForm {
    email: String,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct ResetForm {
    password: SecretString,
}

impl Default for ResetForm {
    fn default() -> Self {
        Self { password: String::new().into() }
    }
}

/// Requests a link for a new password. The response does not reveal whether the address has an account.
pub(crate) async fn request(page: PageRequest, Fields(form): Fields<ResetRequestForm>) -> Response {
    let requested = match access::parse_email(&form.email) {
        Err(problem) => Err(Problem::from_fields(vec![problem.in_field("email")])),
        Ok(email) => {
            let console = &page.server.console;
            access::request_password_reset(&console.engine, &email, &page.address.0, &console.origin)
                .await
                .map_err(|error| error.report())
        }
    };
    match requested {
        Ok(()) => see_other(paths::PASSWORD_RESET_SENT, None),
        Err(problem) => {
            let form_result =
                FormResult::PasswordResetRequest { email: form.email, problem: problem.clone() };
            page.render_problem(&problem, form_result).await
        }
    }
}

/// Sets the password with a link, and signs the person in.
pub(crate) async fn reset(page: PageRequest, Fields(form): Fields<ResetForm>) -> Response {
    match try_reset(&page, &form.password).await {
        Ok(session) => see_other(paths::HOME, page.begin_session(&session).await),
        Err(problem) => {
            let form_result = FormResult::PasswordReset { problem: problem.clone() };
            page.render_problem(&problem, form_result).await
        }
    }
}

async fn try_reset(page: &PageRequest, password: &SecretString) -> Result<SecretString, Problem> {
    let (console, token) = (&page.server.console, page.token());
    let account =
        access::find_password_reset(&console.engine, &token).await.map_err(|error| error.report())?;
    let password = parse_password(password, &[&account.email, &account.name])
        .map_err(|problem| Problem::from_fields(vec![problem]))?;
    access::reset_password_with_link(&console.engine, &token, &password, &console.origin)
        .await
        .map_err(|error| error.report())
}
