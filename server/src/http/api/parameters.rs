//! The parameters that several operations have. Each type describes a parameter, reads it, or does both.

mod headers;
mod path;

use utoipa::openapi::{
    ObjectBuilder, Required, Type,
    path::{ParameterBuilder, ParameterIn},
};

pub(super) use self::{
    headers::{IdempotencyKeyHeader, IfMatch, KnownVersion, LastEventId, OptionalIfMatch},
    path::{IdPath, RequestKeyPath, SlugPath, TenantAdmin, TenantPath, TenantReader},
};

fn path_parameter(name: &str, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(description))
}

fn header(name: &str, description: &str) -> ParameterBuilder {
    ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).description(Some(description))
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}
