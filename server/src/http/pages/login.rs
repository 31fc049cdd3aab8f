use axum::response::Response;
use engine::access;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{HOME, PageRequest, form::Fields, page_request::see_other};
use crate::{
    http::{error::ApiError, session_cookie},
    pages::FormResult,
};

#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct SignIn {
    email: String,
    password: SecretString,
    next: String,
}

impl Default for SignIn {
    fn default() -> Self {
        Self { email: String::new(), password: String::new().into(), next: String::new() }
    }
}

pub async fn sign_in(page: PageRequest, Fields(form): Fields<SignIn>) -> Response {
    let engine = &page.server.console.engine;
    let password = form.password.expose_secret();
    match access::sign_in(engine, &form.email, password, &page.address.0).await {
        Ok(session) => {
            see_other(local(&form.next), session_cookie::keep(session.expose_secret(), page.server.is_https))
        }
        Err(error) => {
            let problem = error.report();
            let posted = FormResult::Login { email: form.email, next: form.next, problem: problem.clone() };
            page.render_problem(&problem, posted).await
        }
    }
}

/// Ends the session here and in the browser.
///
/// # Errors
/// When the database cannot be asked: the session would live on.
pub async fn sign_out(page: PageRequest) -> Result<Response, ApiError> {
    let is_https = page.server.is_https;
    if let Some(token) = session_cookie::read(page.headers(), is_https) {
        access::end_session(&page.server.console.engine, token).await?;
    }
    Ok(see_other("/login", session_cookie::clear(is_https)))
}

/// `next` where it is an address of ours, else the start. Browsers read `//` and `/\` as the
/// beginning of another host, and drop white space before they look.
fn local(next: &str) -> &str {
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_plain && next.starts_with('/') && !next.starts_with("//") { next } else { HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_addresses_follow_a_sign_in() {
        assert_eq!(local("/provisioning?status=failed"), "/provisioning?status=failed");
        for foreign in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "evil"]
        {
            assert_eq!(local(foreign), HOME, "{foreign}");
        }
    }
}
