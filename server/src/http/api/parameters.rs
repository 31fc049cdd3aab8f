//! The descriptions of parameters that several operations have.

use axum::extract::{Path, rejection::PathRejection};
use domain::slug::Slug;
use engine::{access::Employee, tenants::TenantCaller};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        ObjectBuilder, Ref, Required, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use crate::http::error::ApiError;

/// The tenant in a path.
#[derive(Debug)]
pub(super) struct TenantPath;

impl IntoParams for TenantPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = ParameterBuilder::new()
            .name("tenant")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some("The ID, code or slug of the tenant."))
            .schema(Some(text()))
            .example(Some("golden-spoon".into()));
        vec![parameter.build()]
    }
}

/// The header with the idempotency key.
#[derive(Debug)]
pub(super) struct IdempotencyKeyHeader;

impl IntoParams for IdempotencyKeyHeader {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let uuid = text().pattern(Some("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"));
        let parameter = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some(
                "A new UUID, with or without double quotes. A repeated call sends the same one.",
            ))
            .schema(Some(uuid))
            .example(Some("6b1f6d2e-6d0c-4f4e-9d55-0c2f3a8b7e10".into()));
        vec![parameter.build()]
    }
}

/// The slug of a segment or a package in a path.
#[derive(Debug)]
pub(super) struct SlugPath;

impl IntoParams for SlugPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = ParameterBuilder::new()
            .name("slug")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some("The slug, which is unique within the tenant."))
            .schema(Some(Ref::from_schema_name(Slug::name())));
        vec![parameter.build()]
    }
}

/// The header with the version that a call replaces.
#[derive(Debug)]
pub(super) struct IfMatch;

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![if_match().required(Required::True).example(Some("*".into())).build()]
    }
}

/// The header with the version that a call replaces or deletes, for calls that may leave it out.
#[derive(Debug)]
pub(super) struct OptionalIfMatch;

impl IntoParams for OptionalIfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![if_match().build()]
    }
}

fn if_match() -> ParameterBuilder {
    ParameterBuilder::new()
        .name("If-Match")
        .parameter_in(ParameterIn::Header)
        .description(Some("The `ETag` of the version that was read, or `*` for any version. Several tags are separated by commas."))
        .schema(Some(text().pattern(Some(r#"^(?:\*|"[0-9a-f]{24}")$"#))))
}

/// An employee's call about the tenant in its path.
pub(super) fn about_tenant(
    employee: Employee,
    tenant: Result<Path<String>, PathRejection>,
) -> Result<TenantCaller, ApiError> {
    let Path(tenant) = tenant.map_err(|_| ApiError::not_found())?;
    Ok(TenantCaller::Actor { actor: employee.into(), tenant })
}

/// The header of a client that reconnects to an event stream.
#[derive(Debug)]
pub(super) struct LastEventId;

impl IntoParams for LastEventId {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = ParameterBuilder::new()
            .name("Last-Event-ID")
            .parameter_in(ParameterIn::Header)
            .description(Some("The ID of the last event that the client received."))
            .schema(Some(text()));
        vec![parameter.build()]
    }
}

/// The header of a client that already has a version of the resource.
#[derive(Debug)]
pub(super) struct KnownVersion;

impl IntoParams for KnownVersion {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = ParameterBuilder::new()
            .name("If-None-Match")
            .parameter_in(ParameterIn::Header)
            .description(Some("The `ETag` of the version that the client has. If it is current: 304."))
            .schema(Some(text()));
        vec![parameter.build()]
    }
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}
