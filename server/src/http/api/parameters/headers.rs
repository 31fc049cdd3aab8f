use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::idempotency_key::IdempotencyKey;
use engine::tenants::Precondition;
use utoipa::{
    IntoParams,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use super::{header, text};
use crate::http::{
    api::{entity_tag::precondition, idempotency::idempotency_key},
    error::ApiError,
};

/// The header with the idempotency key.
#[derive(Debug)]
pub(crate) struct IdempotencyKeyHeader(pub IdempotencyKey);

/// The header with the version that a call replaces.
#[derive(Debug)]
pub(crate) struct IfMatch(pub Precondition);

/// The header with the version that a call replaces or deletes, for calls that may leave it out.
#[derive(Debug)]
pub(crate) struct OptionalIfMatch(pub Precondition);

/// The header of a client that reconnects to an event stream.
#[derive(Debug)]
pub(crate) struct LastEventId;

/// The header of a client that already has a version of the resource.
#[derive(Debug)]
pub(crate) struct KnownVersion;

impl IntoParams for IdempotencyKeyHeader {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "A new UUID, with or without double quotes. A repeated call sends the same one.";
        let uuid = text().pattern(Some(r#"^("?)[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\1$"#));
        let parameter = header("Idempotency-Key", description)
            .required(Required::True)
            .schema(Some(uuid))
            .example(Some("6b1f6d2e-6d0c-4f4e-9d55-0c2f3a8b7e10".into()));
        vec![parameter.build()]
    }
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![if_match("").required(Required::True).example(Some("*".into())).build()]
    }
}

impl IntoParams for OptionalIfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        // An empty header is the same as a missing one.
        vec![if_match("?").build()]
    }
}

fn if_match(repetition: &str) -> ParameterBuilder {
    let description = "The `ETag` of the version that was read, or `*` for any version. \
        Several tags are separated by commas.";
    let tag = r#"(?:W/)?"[!#-~]*""#;
    let pattern = format!(r"^(?:\*|{tag}(?: *, *{tag})*){repetition}$");
    header("If-Match", description).schema(Some(text().pattern(Some(pattern))))
}

impl IntoParams for LastEventId {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = header("Last-Event-ID", "The ID of the last event that the client received.");
        vec![parameter.schema(Some(text())).build()]
    }
}

impl IntoParams for KnownVersion {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "The `ETag` of the version that the client has. If it is current: 304.";
        vec![header("If-None-Match", description).schema(Some(text())).build()]
    }
}

impl<S: Sync> FromRequestParts<S> for IdempotencyKeyHeader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(idempotency_key(&parts.headers)?))
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(precondition(&parts.headers)))
    }
}

impl<S: Sync> FromRequestParts<S> for OptionalIfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(precondition(&parts.headers)))
    }
}
