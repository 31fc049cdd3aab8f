use axum::response::Response;
use domain::paths;
use engine::access;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{PageRequest, form::Fields, page_request::see_other};
use crate::{
    console::FormResult,
    http::{error::ApiError, session_cookie},
};

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct LoginForm {
    email: String,
    password: SecretString,
    next: String,
}

impl Default for LoginForm {
    fn default() -> Self {
        Self { email: String::new(), password: String::new().into(), next: String::new() }
    }
}

pub(crate) async fn sign_in(page: PageRequest, Fields(form): Fields<LoginForm>) -> Response {
    let engine = &page.server.console.engine;
    let password = form.password.expose_secret();
    match access::sign_in(engine, &form.email, password, &page.address.0).await {
        Ok(session) => {
            let cookie = page.begin_session(&session).await;
            see_other(local_path(&form.next), cookie)
        }
        Err(error) => {
            let problem = error.report();
            let form_result =
                FormResult::Login { email: form.email, next: form.next, problem: problem.clone() };
            page.render_problem(&problem, form_result).await
        }
    }
}

/// Ends the session and deletes its cookie.
///
/// # Errors
/// When the database is not available. The session then continues, so the cookie is kept.
pub(crate) async fn sign_out(page: PageRequest) -> Result<Response, ApiError> {
    let is_https = page.server.is_https;
    if let Some(token) = session_cookie::read(page.headers(), is_https) {
        access::end_session(&page.server.console.engine, token).await?;
    }
    Ok(see_other(paths::LOGIN, session_cookie::delete(is_https)))
}

/// Returns `next` if it is a path on this site, otherwise the start page. Browsers interpret `//` and `/\`
/// as the beginning of a host name, and remove whitespace first.
fn local_path(next: &str) -> &str {
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_plain && next.starts_with('/') && !next.starts_with("//") { next } else { paths::HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_only_redirects_to_local_paths() {
        assert_eq!(local_path("/provisioning?status=failed"), "/provisioning?status=failed");
        for next in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "evil"]
        {
            assert_eq!(local_path(next), paths::HOME, "{next}");
        }
    }
}
