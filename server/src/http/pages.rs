//! The console's pages, and the plain form posts that they work with when scripts are off.

mod form;
mod invitation;
mod login;
mod page_request;
mod provision;
mod setup;

use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};

pub use self::page_request::PageRequest;
use super::state::Server;

/// Leads on to where somebody who is signed in starts.
const HOME: &str = "/";

pub fn routes() -> Router<Server> {
    let mut router = Router::new();
    for path in crate::pages::paths() {
        router = router.route(&path, get(show));
    }
    if cfg!(debug_assertions) {
        router = router.route("/styleguide", get(async |page: PageRequest| page.render_styleguide().await));
    }
    router
        .route("/login", post(login::sign_in))
        .route("/logout", post(login::sign_out))
        .route("/setup/{token}", post(setup::accept))
        .route("/invitation/{token}", post(invitation::accept))
        .route("/provision", post(provision::submit))
}

/// Shows a page; whoever must sign in for it comes back to it afterwards.
async fn show(page: PageRequest) -> Response {
    if page.needs_sign_in() {
        return Redirect::to(&page.sign_in_address()).into_response();
    }
    page.render(None, StatusCode::OK).await
}
