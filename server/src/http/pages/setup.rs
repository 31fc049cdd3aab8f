use axum::response::Response;
use domain::{
    ErrorCode, FieldProblem, Problem, email::Email, field::parse_line, password::Password, paths,
    provisioning::MAX_NAME,
};
use engine::access::{self, SetupLink};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{PageRequest, form::Fields, page_request::see_other};
use crate::console::FormResult;

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct SetupForm {
    name: String,
    email: String,
    password: SecretString,
}

impl Default for SetupForm {
    fn default() -> Self {
        Self { name: String::new(), email: String::new(), password: String::new().into() }
    }
}

/// Accepts a setup link: creates the first super admin, or sets the password of a new employee. Then signs
/// the employee in.
pub(crate) async fn accept(page: PageRequest, Fields(form): Fields<SetupForm>) -> Response {
    match set_up(&page, &form).await {
        Ok(session) => see_other(paths::HOME, page.begin_session(&session).await),
        Err(problem) => {
            let form_result =
                FormResult::Setup { name: form.name, email: form.email, problem: problem.clone() };
            page.render_problem(&problem, form_result).await
        }
    }
}

async fn set_up(page: &PageRequest, form: &SetupForm) -> Result<SecretString, Problem> {
    let (engine, token) = (&page.server.console.engine, page.token());
    let session = match access::find_setup_link(engine, &token).await.map_err(|error| error.report())? {
        Some(SetupLink::Employee { name, email }) => {
            let password = parse_password(&form.password, &[&email, &name])
                .map_err(|problem| Problem::from_fields(vec![problem]))?;
            access::accept_setup_link(engine, &token, &password).await
        }
        Some(SetupLink::FirstAdmin) => {
            let (name, email, password) = validate(form).map_err(Problem::from_fields)?;
            access::accept_first_admin(engine, &token, &name, &email, &password).await
        }
        None => return Err(ErrorCode::ResourceNotFound.into()),
    };
    session.map_err(|error| error.report())
}

/// Validates all fields.
fn validate(form: &SetupForm) -> Result<(String, Email, Password), Vec<FieldProblem>> {
    let name = parse_line("name", "your name", &form.name, MAX_NAME);
    let email = access::parse_email(&form.email).map_err(|problem| problem.in_field("email"));
    let password = parse_password(&form.password, &[&form.email, &form.name]);
    match (name, email, password) {
        (Ok(name), Ok(email), Ok(password)) => Ok((name, email, password)),
        (name, email, password) => {
            Err([name.err(), email.err(), password.err()].into_iter().flatten().collect())
        }
    }
}

/// Parses a new password. `context` holds texts that an attacker tries first.
pub(crate) fn parse_password(text: &SecretString, context: &[&str]) -> Result<Password, FieldProblem> {
    Password::parse(text.expose_secret(), context).map_err(|problem| problem.in_field("password"))
}
