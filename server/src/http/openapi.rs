//! The OpenAPI document of the API (`docs/specification.md`, section 8). It consists of the descriptions of
//! the routes, which `#[utoipa::path]` attaches to the handlers.

pub(crate) mod described_routes;
mod refusals;
mod schemas;
mod scopes;

use std::sync::LazyLock;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::paths::{API_DOCUMENT, API_DOCUMENTATION};
use serde_json::Value;
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, License, OpenApi, OpenApiBuilder, SecurityRequirement,
    security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    server::Server,
    tag::TagBuilder,
};
use utoipa_axum::routes;

use self::described_routes::DescribedRoutes;
use super::{api, health, session_cookie, state::ServerState};
use crate::console;

/// The groups of operations, in the order of the documentation.
const TAGS: [(&str, &str); 15] = [
    ("Tenants", "Creating tenants, their registry, and the changes of a tenant's life."),
    ("Availability", "Whether a slug or an e-mail address can be used."),
    ("Requests", "The history of provisioning requests, their progress, and the actions on a dead step."),
    ("Settings", "The settings and the branding of a tenant."),
    ("Domains", "The custom domains of a tenant, and their verification."),
    ("Keys", "The API keys of a tenant."),
    ("Invitations", "The invitations of a tenant's members."),
    ("Imports", "Tenants from the `client.yaml` files of another system."),
    ("Sign-up", "How people create a tenant for themselves, if the installation allows it."),
    ("Employees", "The people who use the console."),
    ("Tokens", "The admin tokens with which programs use this API."),
    ("Audit log", "Who changed what, and when."),
    ("Sessions", "The sessions of the console, and one's own password."),
    ("Tenant API", "What the programs of a tenant read and change with the tenant's secret key."),
    ("Service", "The state of the server, and this documentation."),
];

const DESCRIPTION: &str = include_str!("openapi/introduction.md");

/// The document, and its routes, are the same in every process of one version.
static DOCUMENT: LazyLock<Value> = LazyLock::new(build);
static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}\n", *DOCUMENT));

/// The document as it is committed in `docs/openapi.json`.
pub(crate) fn text() -> &'static str {
    &TEXT
}

/// The routes of the document and of its readable form.
pub(crate) fn routes() -> DescribedRoutes {
    DescribedRoutes::default().add_public(routes!(document), &[]).add_public(routes!(documentation), &[])
}

/// Read this document
#[utoipa::path(
    get,
    path = API_DOCUMENT,
    operation_id = "readDocument",
    tag = "Service",
    security(()),
    responses((
        status = 200,
        description = "The OpenAPI 3.1 document.",
        body = Object,
        example = json!({ "openapi": "3.1.0", "info": { "title": "Tenantry API" }, "paths": {} }),
    )),
)]
async fn document() -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], text()).into_response()
}

/// Read this document as a page
#[utoipa::path(
    get,
    path = API_DOCUMENTATION,
    operation_id = "readDocumentation",
    tag = "Service",
    security(()),
    responses((
        status = 200,
        description = "The page.",
        body = String,
        content_type = "text/html; charset=utf-8",
        example = "<!DOCTYPE html>…",
    )),
)]
async fn documentation(State(server): State<ServerState>, request: Request) -> Response {
    console::render_api_docs(server.console, &DOCUMENT, request).await
}

fn build() -> Value {
    let described = api::authenticated_routes()
        .merge(api::provisioning_route())
        .merge(api::tenant_program_routes())
        .merge(api::sign_up_routes())
        .merge(health::routes())
        .merge(routes());
    let document = introduction().merge_from(described.into_openapi());
    let mut document = serde_json::to_value(document).unwrap_or_default();
    schemas::complete(&mut document);
    document
}

/// The parts of the document that are not about single operations.
fn introduction() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Tenantry API")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(License::builder().name("Apache-2.0").identifier(Some("Apache-2.0")).build()));
    let bearer = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("An admin token."));
    let key = Http::builder().scheme(HttpAuthScheme::Bearer);
    let key = key.description(Some("The secret key of an active tenant: `sk_live_…`."));
    let cookie = ApiKeyValue::with_description(
        session_cookie::cookie_name(false),
        "The session of the console. With https, the name is `__Host-tenantry`. Calls that change something \
         also need the header `Origin` or `Sec-Fetch-Site`, which browsers send.",
    );
    let mut components = ComponentsBuilder::new()
        .security_scheme("token", SecurityScheme::Http(bearer.build()))
        .security_scheme("key", SecurityScheme::Http(key.build()))
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    for (name, schema) in refusals::schemas() {
        components = components.schema(name, schema);
    }
    for (name, example) in refusals::examples() {
        components = components.example(name, example);
    }
    let requirement = |scheme: &str| SecurityRequirement::new(scheme, Vec::<String>::new());
    let tag = |(name, description): (&str, &str)| {
        TagBuilder::new().name(name).description(Some(description)).build()
    };
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new("/")]))
        .components(Some(components.build()))
        .security(Some([requirement("token"), requirement("session")]))
        .tags(Some(TAGS.map(tag)))
        .build()
}

#[cfg(test)]
mod tests {
    use std::fs;

    /// Fails when `docs/openapi.json` is out of date. `tenantry openapi > docs/openapi.json` regenerates it,
    /// and so does this test with `UPDATE_DOCS=1`.
    #[test]
    fn the_committed_document_describes_the_routes() {
        let path = "../docs/openapi.json";
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(path, super::text()).unwrap();
        }
        let committed = fs::read_to_string(path).unwrap();
        assert!(committed == super::text(), "run: tenantry openapi > docs/openapi.json");
    }

    #[test]
    fn every_reference_has_a_target() {
        for rest in super::text().split("\"$ref\": \"#").skip(1) {
            let (pointer, _) = rest.split_once('"').unwrap();
            assert!(super::DOCUMENT.pointer(pointer).is_some(), "{pointer}: a parameter needs param(inline)");
        }
    }

    #[test]
    fn descriptions_have_no_links_to_code() {
        for syntax in ["[`", "`None`", "`Some"] {
            assert!(!super::text().contains(syntax), "{syntax}");
        }
    }
}
