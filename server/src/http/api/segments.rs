//! The segments of a tenant, for its own programs.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    catalog::{NewSegment, Segment},
    field::Parsed,
    openapi::{Description, HeroTitle, Name},
};
use engine::{
    Engine,
    tenants::{find_segment, list_segments, replace_segment},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    entity_tag::{replaced, tagged},
    examples,
    json_body::JsonBody,
    json_fields::JsonFields,
    parameters::{OptionalIfMatch, SlugPath},
};
use crate::http::{authentication::TenantProgram, error::ApiError};

/// All segments of a tenant, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SegmentList {
    segments: Vec<Segment>,
}

/// A segment. A missing text is empty. The other fields of a response are ignored, so that a segment can be
/// sent as it was read.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only describes the body")]
struct SegmentBody {
    /// The display name.
    #[schema(value_type = Name)]
    name: String,
    /// The title of the segment's page.
    #[schema(value_type = Option<HeroTitle>)]
    hero_title: Option<String>,
    /// The text under the title.
    #[schema(value_type = Option<Description>)]
    description: Option<String>,
    /// The position in lists.
    #[schema(minimum = 0, maximum = 1_000_000, default = 0)]
    sort_order: Option<u32>,
    /// Whether customers see the segment.
    #[schema(default = true)]
    active: Option<bool>,
}

/// List the segments
#[utoipa::path(
    get,
    path = "/segments",
    operation_id = "listOwnSegments",
    tag = "Tenant API",
    security(("key" = [])),
    responses((
        status = 200,
        description = "All segments. A tenant has at most 200.",
        body = SegmentList,
        example = json!({ "segments": [examples::segment()] }),
    )),
)]
pub(crate) async fn list(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
) -> Result<Json<SegmentList>, ApiError> {
    Ok(Json(SegmentList { segments: list_segments(&engine, &caller).await? }))
}

/// Read a segment
#[utoipa::path(
    get,
    path = "/segments/{slug}",
    operation_id = "readOwnSegment",
    tag = "Tenant API",
    security(("key" = [])),
    params(SlugPath),
    responses((
        status = 200,
        description = "The segment.",
        body = Segment,
        headers(("ETag" = String, description = "The version, for `If-Match`.")),
        example = json!(examples::segment()),
    )),
)]
pub(crate) async fn show(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
    SlugPath(slug): SlugPath,
) -> Result<Response, ApiError> {
    Ok(tagged(StatusCode::OK, find_segment(&engine, &caller, &slug).await?))
}

/// Create or replace a segment
#[utoipa::path(
    put,
    path = "/segments/{slug}",
    operation_id = "replaceOwnSegment",
    tag = "Tenant API",
    security(("key" = [])),
    params(SlugPath, OptionalIfMatch),
    request_body(content = SegmentBody, example = json!({ "name": "Families", "heroTitle": "Welcome, families" })),
    responses(
        (
            status = 200,
            description = "The segment, which was replaced.",
            body = Segment,
            headers(("ETag" = String, description = "The new version.")),
            example = json!(examples::segment()),
        ),
        (
            status = 201,
            description = "The segment, which is new.",
            body = Segment,
            headers(("ETag" = String, description = "The version.")),
            example = json!(examples::segment()),
        ),
    ),
)]
pub(crate) async fn replace(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
    SlugPath(slug): SlugPath,
    OptionalIfMatch(precondition): OptionalIfMatch,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let (segment, is_new) = replace_segment(&engine, &caller, &slug, &precondition, parse(body)).await?;
    Ok(replaced(segment, is_new))
}

fn parse(body: Value) -> Parsed<NewSegment> {
    let mut fields = JsonFields::new(body, &NewSegment::FIELDS);
    let (sort_order, active) = (fields.number("sortOrder"), fields.boolean("active"));
    let parsed = NewSegment::parse(|name| fields.text(name), sort_order, active);
    fields.complete(parsed)
}
