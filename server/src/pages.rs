//! The one place where the server meets the crate `app`.

pub use app::{Assets, ClientAddress, Console, FormResult, Visitor, server_fns::ProvisionOutcome};

use app::Failure;
use axum::{
    body::{Body, Bytes},
    extract::Request,
    response::Response,
};
use domain::Problem;
use leptos::{prelude::provide_context, server_fn::error::FromServerFnError};

/// The addresses of the console's pages, as axum writes them.
pub fn paths() -> Vec<String> {
    leptos_axum::generate_route_list(app::App).iter().map(|route| route.path().to_owned()).collect()
}

/// A problem as a server function sends it to the pages.
pub fn failure_text(problem: Problem) -> Bytes {
    Failure::from(problem).ser()
}

/// What every page and every server function finds in its context.
pub fn context(
    console: Console,
    page_context: Visitor,
    address: ClientAddress,
    posted: Option<FormResult>,
) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        provide_context(console.clone());
        provide_context(page_context.clone());
        provide_context(address.clone());
        posted.iter().for_each(|posted| provide_context(posted.clone()));
    }
}

/// Renders the style guide, for development.
pub async fn render_styleguide(
    console: Console,
    context: impl Fn() + Clone + Send + Sync + 'static,
    request: Request<Body>,
) -> Response {
    leptos_axum::render_app_async_with_context(context, move || app::styleguide(console.clone()))(request)
        .await
}

/// Renders the page at the request's address, whole.
pub async fn render(
    console: Console,
    context: impl Fn() + Clone + Send + Sync + 'static,
    request: Request<Body>,
) -> Response {
    leptos_axum::render_app_async_with_context(context, move || app::shell(console.clone()))(request).await
}
