//! The error responses of an operation, from the table of error codes.

use std::collections::BTreeMap;

use domain::{
    ErrorCode::{
        self, DatabaseUnavailable, Deadlock, Forbidden, LockTimeout, ProvisioningFailed, SchemaOutOfDate,
        SerializationFailure, Timeout, Unauthenticated, ValidationError,
    },
    Problem,
    error::ProblemJson,
};
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        AllOfBuilder, ContentBuilder, HeaderBuilder, Object, ObjectBuilder, Ref, RefOr, Response,
        ResponseBuilder, Schema, Type,
        example::{Example, ExampleBuilder},
        path::Operation,
    },
};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::http::error::status_of;

/// What every operation that uses the database can respond with.
pub(super) const FAILURES: [ErrorCode; 7] = [
    ProvisioningFailed,
    SerializationFailure,
    Deadlock,
    Timeout,
    LockTimeout,
    DatabaseUnavailable,
    SchemaOutOfDate,
];

/// The statuses of a refused body that have another status than their code: incomplete, too large, or with
/// another content type or encoding.
const BODY_STATUSES: [u16; 3] = [400, 413, 415];

const PROBLEM_TYPE: &str = "application/problem+json";

/// Adds exactly these codes to the responses of a route.
pub(super) fn add<S>(route: &mut UtoipaMethodRouter<S>, codes: &[ErrorCode]) {
    operations(route).for_each(|operation| add_responses(operation, codes));
}

/// Adds these codes, and those of every call with a credential, to the responses of a route. A route with a
/// body also refuses invalid bodies.
pub(super) fn add_with_failures<S>(route: &mut UtoipaMethodRouter<S>, codes: &[ErrorCode]) {
    for operation in operations(route) {
        let mut all = [codes, &FAILURES, &[Unauthenticated]].concat();
        if operation.request_body.is_some() && !all.contains(&ValidationError) {
            all.push(ValidationError);
        }
        // A call without its own security requirement accepts admin tokens, which may lack its scope.
        if operation.security.is_none() && !all.contains(&Forbidden) {
            all.push(Forbidden);
        }
        add_responses(operation, &all);
    }
}

fn operations<S>((_, paths, _): &mut UtoipaMethodRouter<S>) -> impl Iterator<Item = &mut Operation> {
    let items = paths.paths.values_mut();
    items.flat_map(|item| {
        [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete]
            .into_iter()
            .flatten()
    })
}

fn add_responses(operation: &mut Operation, codes: &[ErrorCode]) {
    let mut by_status: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
    for code in codes {
        by_status.entry(status_of(*code).as_u16()).or_default().push(*code);
    }
    if operation.request_body.is_some() {
        for status in BODY_STATUSES {
            by_status.entry(status).or_default().push(ValidationError);
        }
    }
    let responses = &mut operation.responses.responses;
    for (status, codes) in by_status {
        let mut refusal = response(status, &codes);
        if let Some(RefOr::T(described)) = responses.remove(&status.to_string()) {
            refusal.description = format!("{}\n\n{}", described.description, refusal.description);
            refusal.content.extend(described.content);
        }
        responses.insert(status.to_string(), refusal.into());
    }
}

fn response(status: u16, codes: &[ErrorCode]) -> Response {
    let code = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(codes.iter().map(|code| code.as_str())));
    let schema = AllOfBuilder::new()
        .item(Ref::from_schema_name(ProblemJson::name()))
        .item(ObjectBuilder::new().property("code", code));
    let examples = codes.iter().map(|code| (code.as_str(), example_reference(*code)));
    let content = ContentBuilder::new().schema(Some(schema)).examples_from_iter(examples).build();
    let titles: Vec<String> =
        codes.iter().map(|code| format!("- `{code}`: {}", code.entry().title)).collect();
    let mut response = ResponseBuilder::new().description(titles.join("\n")).content(PROBLEM_TYPE, content);
    if status == 401 {
        response =
            response.header("WWW-Authenticate", HeaderBuilder::new().description(Some("`Bearer`")).build());
    }
    if codes.iter().any(|code| code.retry_after_seconds().is_some()) {
        let seconds = Object::with_type(Type::Integer);
        let description = "After how many seconds the request can be sent again.";
        let header = HeaderBuilder::new().schema(Some(seconds)).description(Some(description));
        response = response.header("Retry-After", header.build());
    }
    response.build()
}

fn example_reference(code: ErrorCode) -> RefOr<Example> {
    RefOr::Ref(Ref::new(format!("#/components/examples/{code}")))
}

/// The example of each error code, to which the responses refer.
pub(super) fn examples() -> impl Iterator<Item = (String, RefOr<Example>)> {
    ErrorCode::ALL.iter().map(|code| {
        let problem = json!(Problem::from(*code).to_json());
        let example = ExampleBuilder::new().summary(code.entry().title).value(Some(problem)).build();
        (code.to_string(), RefOr::T(example))
    })
}

/// The schema of every error response, and the schemas that it refers to.
pub(super) fn schemas() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = vec![(ProblemJson::name().into_owned(), ProblemJson::schema())];
    ProblemJson::schemas(&mut schemas);
    schemas
}
