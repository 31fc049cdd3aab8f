use axum::Router;
use domain::ErrorCode;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::{refusals, scopes};
use crate::http::state::ServerState;

/// Routes with their descriptions in the OpenAPI document. A route without a description cannot be added.
#[derive(Default)]
pub(crate) struct DescribedRoutes(OpenApiRouter<ServerState>);

impl DescribedRoutes {
    /// Adds a route that needs a credential and refuses requests with these codes, in addition to those that
    /// every such route has.
    pub(crate) fn add(self, mut route: UtoipaMethodRouter<ServerState>, codes: &[ErrorCode]) -> Self {
        refusals::add_with_failures(&mut route, codes);
        Self(self.0.routes(route))
    }

    /// Adds a route that everybody can call and that refuses requests with exactly these codes.
    pub(crate) fn add_public(self, mut route: UtoipaMethodRouter<ServerState>, codes: &[ErrorCode]) -> Self {
        refusals::add(&mut route, codes);
        Self(self.0.routes(route))
    }

    /// Adds a route that everybody can call, that uses the database, and that refuses requests with these
    /// codes.
    pub(crate) fn add_open(self, mut route: UtoipaMethodRouter<ServerState>, codes: &[ErrorCode]) -> Self {
        refusals::add(&mut route, &[codes, &refusals::FAILURES].concat());
        Self(self.0.routes(route))
    }

    pub(crate) fn merge(self, other: Self) -> Self {
        Self(self.0.merge(other.0))
    }

    /// Moves all routes below a path.
    pub(crate) fn below(self, path: &str) -> Self {
        Self(OpenApiRouter::default().nest(path, self.0))
    }

    /// Describes which scope a token with scopes needs for each route. Call this after [`Self::below`].
    pub(crate) fn with_scopes(mut self) -> Self {
        scopes::describe(self.0.get_openapi_mut());
        self
    }

    pub(crate) fn into_router(self) -> Router<ServerState> {
        self.0.into()
    }

    pub(super) fn into_openapi(self) -> OpenApi {
        self.0.into_openapi()
    }
}
