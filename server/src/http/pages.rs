//! The console's pages, and the form posts that they use without JavaScript.

mod account;
mod audit;
mod erasure;
mod form;
mod import;
mod invitation;
mod login;
#[cfg(debug_assertions)]
mod mail_preview;
mod page_request;
mod password;
mod portal;
mod provision;
mod setup;
mod sign_up;
mod team;
mod tenant;

use axum::{
    Router,
    http::Uri,
    response::{Redirect, Response},
    routing::{get, post},
};
use domain::paths;

pub(crate) use self::page_request::PageRequest;
use super::state::ServerState;

pub(crate) fn routes() -> Router<ServerState> {
    let mut router = Router::new();
    for path in crate::console::paths() {
        router = match path.as_str() {
            paths::PROVISION => router.route(&path, get(provision::show)),
            _ => router.route(&path, get(show)),
        };
        if path != paths::HOME {
            router = router.route(&format!("{path}/"), get(redirect_without_slash));
        }
    }
    for page in ["settings", "branding", "members", "segments", "packages"] {
        router = router.route(&paths::portal_page("{tenant}", page), post(portal::save));
    }
    if cfg!(debug_assertions) {
        router =
            router.route(paths::STYLE_GUIDE, get(async |page: PageRequest| page.render_styleguide().await));
    }
    #[cfg(debug_assertions)]
    {
        router = router.route(&paths::mail_preview("{file}"), get(mail_preview::show));
    }
    router
        .route(paths::LOGIN, post(login::sign_in))
        .route(paths::LOGOUT, post(login::sign_out))
        .route(&paths::setup("{token}"), post(setup::accept))
        .route(&paths::invitation("{token}"), post(invitation::accept))
        .route(paths::ACCOUNT, post(account::save))
        .route(&paths::address_change("{token}"), post(account::decide))
        .route(paths::PASSWORD_RESET, post(password::request))
        .route(&paths::password_reset("{token}"), post(password::reset))
        .route(paths::PROVISION, post(provision::submit))
        .route(paths::IMPORT, post(import::upload))
        // The pattern of the pages, because a path can have only one.
        .route(&format!("{}/{{page}}", paths::AUDIT), post(erasure::post))
        .route(&paths::import("{id}"), post(import::start))
        .route(paths::TEAM, post(team::save))
        .route(paths::AUDIT, post(audit::verify))
        .route(paths::SIGN_UP, post(sign_up::request))
        .route(&paths::sign_up_verification("{token}"), post(sign_up::complete))
        .route(&paths::tenant("{tenant}"), post(tenant::save))
        .route(&format!("{}/{{name}}", paths::PORTAL_COLORS), get(portal::colors))
}

/// Redirects a path with a slash at its end to the page.
async fn redirect_without_slash(uri: Uri) -> Redirect {
    let path = uri.path().trim_end_matches('/');
    match uri.query() {
        Some(query) => Redirect::permanent(&format!("{path}?{query}")),
        None => Redirect::permanent(path),
    }
}

/// Renders a page.
async fn show(page: PageRequest) -> Response {
    page.show().await
}
