use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use domain::{ErrorCode, idempotency_key::IdempotencyKey, slug::Slug};
use engine::tenants::TenantCaller;
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        KnownFormat, Ref, SchemaFormat,
        path::{Parameter, ParameterIn},
    },
};
use uuid::Uuid;

use super::{path_parameter, text};
use crate::http::{
    authentication::{SignedIn, SignedInAdmin},
    error::ApiError,
};

/// The tenant in a path: its ID, code, slug or former slug.
#[derive(Debug)]
pub(crate) struct TenantPath(pub String);

/// An employee's call that reads the tenant in its path.
#[derive(Debug)]
pub(crate) struct TenantReader(pub TenantCaller);

/// An admin's call that changes the tenant in its path.
#[derive(Debug)]
pub(crate) struct TenantAdmin(pub TenantCaller);

/// The ID in a path, which each operation describes. Any other text is `RESOURCE_NOT_FOUND`.
#[derive(Debug)]
pub(crate) struct IdPath(pub Uuid);

/// The slug of a segment or a package in a path.
#[derive(Debug)]
pub(crate) struct SlugPath(pub String);

/// The idempotency key of a provisioning request in a path.
#[derive(Debug)]
pub(crate) struct RequestKeyPath(pub Uuid);

impl IntoParams for TenantPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = path_parameter("tenant", "The ID, code or slug of the tenant.");
        vec![parameter.schema(Some(text())).example(Some("golden-spoon".into())).build()]
    }
}

impl IntoParams for SlugPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = path_parameter("slug", "The slug, which is unique within the tenant.");
        vec![parameter.schema(Some(Ref::from_schema_name(Slug::name()))).build()]
    }
}

impl IntoParams for RequestKeyPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = path_parameter("key", "The idempotency key of the request.");
        let uuid = text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
        let example = "6b1f6d2e-6d0c-4f4e-9d55-0c2f3a8b7e10";
        vec![parameter.schema(Some(uuid)).example(Some(example.into())).build()]
    }
}

impl<S: Send + Sync> FromRequestParts<S> for TenantPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        read(parts, state, "tenant").await.map(Self).ok_or_else(ApiError::not_found)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for TenantReader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let SignedIn(employee) = SignedIn::from_request_parts(parts, state).await?;
        let TenantPath(tenant) = TenantPath::from_request_parts(parts, state).await?;
        Ok(Self(TenantCaller::Actor { actor: employee.into(), tenant }))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for TenantAdmin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        SignedInAdmin::from_request_parts(parts, state).await?;
        let TenantReader(caller) = TenantReader::from_request_parts(parts, state).await?;
        Ok(Self(caller))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id = read(parts, state, "id").await.and_then(|text| Uuid::try_parse(&text).ok());
        id.map(Self).ok_or_else(ApiError::not_found)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SlugPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        read(parts, state, "slug").await.map(Self).ok_or_else(ApiError::not_found)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestKeyPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let text = read(parts, state, "key").await.ok_or(ErrorCode::IdempotencyKeyInvalid)?;
        let key = IdempotencyKey::parse(&text).map_err(|_| ErrorCode::IdempotencyKeyInvalid)?;
        Ok(Self(key.uuid()))
    }
}

/// Returns a parameter of the path, or `None` if a parameter of the path is not valid UTF-8.
async fn read<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Option<String> {
    let parameters = RawPathParams::from_request_parts(parts, state).await.ok()?;
    parameters.iter().find(|(other, _)| *other == name).map(|(_, value)| value.to_owned())
}
