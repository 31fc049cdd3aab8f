use axum::response::Response;
use domain::{
    ErrorCode, Problem, paths,
    provisioning::NewTenant,
    sign_up::{SignUpInput, parse_sign_up_email},
    slug::Slug,
};
use engine::{
    access::idn_to_ascii,
    sign_up::{SignedUp, request_sign_up, resend_sign_up, verify_sign_up},
};
use secrecy::SecretString;
use serde::Deserialize;

use super::{PageRequest, form::Fields, page_request::see_other};
use crate::console::FormResult;

/// The sign-up form, or the form that sends its mail again.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SignUpForm {
    #[serde(flatten)]
    input: SignUpInput,
    /// Set by the form that sends the mail again.
    resend: String,
}

/// Signs up, or sends the mail again. The page is the same for every address.
pub(crate) async fn request(page: PageRequest, Fields(form): Fields<SignUpForm>) -> Response {
    let SignUpForm { input, resend } = form;
    let is_resend = !resend.is_empty();
    let result = match (require_open(&page), is_resend) {
        (Err(problem), _) => Err(problem),
        (Ok(()), true) => send_again(&page, &input.email).await,
        (Ok(()), false) => sign_up(&page, &input).await,
    };
    let form_result = FormResult::SignUp { input, is_resend, result: result.clone().map_err(Box::new) };
    match result {
        Ok(()) => page.render(Some(form_result), http::StatusCode::OK).await,
        Err(problem) => page.render_problem(&problem, form_result).await,
    }
}

/// Checks that people can sign up.
fn require_open(page: &PageRequest) -> Result<(), Problem> {
    match page.server.console.engine.sign_up().mode.is_open() {
        true => Ok(()),
        false => Err(ErrorCode::ResourceNotFound.into()),
    }
}

async fn sign_up(page: &PageRequest, input: &SignUpInput) -> Result<(), Problem> {
    let console = &page.server.console;
    let request = input.parse(idn_to_ascii).map_err(Problem::from_fields)?;
    request_sign_up(&console.engine, &request, &console.origin, &page.address.0)
        .await
        .map_err(|error| error.report())
}

async fn send_again(page: &PageRequest, email: &str) -> Result<(), Problem> {
    let console = &page.server.console;
    let email =
        parse_sign_up_email(email, idn_to_ascii).map_err(|problem| Problem::from_fields(vec![problem]))?;
    resend_sign_up(&console.engine, &email, &console.origin, &page.address.0)
        .await
        .map_err(|error| error.report())
}

/// The form of the page of a link.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct LinkForm {
    password: SecretString,
    slug: String,
}

impl Default for LinkForm {
    fn default() -> Self {
        Self { password: String::new().into(), slug: String::new() }
    }
}

/// Completes a sign-up, and opens the portal for the owner.
pub(crate) async fn complete(page: PageRequest, Fields(form): Fields<LinkForm>) -> Response {
    match verify(&page, &form).await {
        Ok(signed_up) => {
            let cookie = page.begin_session(&signed_up.session).await;
            see_other(paths::PORTAL, cookie)
        }
        Err(problem) => {
            let form_result = FormResult::SignUpLink { slug: form.slug, problem: problem.clone() };
            page.render_problem(&problem, form_result).await
        }
    }
}

async fn verify(page: &PageRequest, form: &LinkForm) -> Result<SignedUp, Problem> {
    require_open(page)?;
    let console = &page.server.console;
    let slug = parse_slug(&form.slug)?;
    let (origin, address) = (&console.origin, &page.address.0);
    let password = form.password.clone();
    verify_sign_up(&console.engine, &page.token(), password, slug, origin, address)
        .await
        .map_err(|error| error.report())
}

/// Parses the slug. `None` if it is empty.
fn parse_slug(text: &str) -> Result<Option<Slug>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => NewTenant::parse_slug(text).map(Some).map_err(|problem| Problem::from_fields(vec![problem])),
    }
}
