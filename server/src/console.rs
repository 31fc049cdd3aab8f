//! The interface to the crate `app`, which renders the pages of the console. Only this module calls `app`.

pub(crate) use app::{
    AccountTenants, Assets, ClientAddress, Console, CurrentPerson, FormResult, SessionToken, StyleSheets,
    server_fns::{
        ProvisionOutcome, TeamOutcome, save_catalog_form, save_form, save_member_form, save_team_form,
    },
};

use std::time::Duration;

use app::{
    Failure,
    server_fns::{RequestRecord, now_ms},
};
use axum::{
    body::{Body, Bytes},
    extract::Request,
    response::Response,
};
use domain::{Problem, history::RequestDetail};
use leptos::{prelude::provide_context, server_fn::error::FromServerFnError};
use serde_json::Value;

/// The paths of the console's pages, in the syntax of axum.
pub(crate) fn paths() -> Vec<String> {
    leptos_axum::generate_route_list(app::App).iter().map(|route| route.path().to_owned()).collect()
}

/// Serialises a problem in the format of a server function's error.
pub(crate) fn serialize_failure(problem: Problem) -> Bytes {
    Failure::from(problem).ser()
}

/// Converts a request that was read `age` ago into the record that pages show.
pub(crate) fn record(detail: RequestDetail, age: Duration) -> RequestRecord {
    let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    RequestRecord::new(detail, now_ms().saturating_sub(age))
}

/// Returns a function that provides the context of pages and server functions.
pub(crate) fn context(
    console: Console,
    person: CurrentPerson,
    address: ClientAddress,
    session: SessionToken,
    tenants: AccountTenants,
    form_result: Option<FormResult>,
) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        provide_context(console.clone());
        provide_context(person.clone());
        provide_context(address.clone());
        provide_context(session.clone());
        provide_context(tenants.clone());
        form_result.iter().for_each(|result| provide_context(result.clone()));
    }
}

/// Renders the style guide, in development builds.
pub(crate) async fn render_styleguide(
    console: Console,
    context: impl Fn() + Clone + Send + Sync + 'static,
    request: Request<Body>,
) -> Response {
    leptos_axum::render_app_async_with_context(context, move || app::styleguide(console.clone()))(request)
        .await
}

/// Renders the documentation of the JSON API.
pub(crate) async fn render_api_docs(
    console: Console,
    document: &'static Value,
    request: Request<Body>,
) -> Response {
    leptos_axum::render_app_async_with_context(|| {}, move || app::api_docs(console.clone(), document))(
        request,
    )
    .await
}

/// Renders the complete page at the path of the request.
pub(crate) async fn render(
    console: Console,
    context: impl Fn() + Clone + Send + Sync + 'static,
    request: Request<Body>,
) -> Response {
    leptos_axum::render_app_async_with_context(context, move || app::shell(console.clone()))(request).await
}
