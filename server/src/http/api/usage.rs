//! What a tenant uses of its quotas, for its own programs.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    openapi::ReportedMetric,
    usage::{Metric, Usage, UsageReport},
};
use engine::{
    Engine,
    tenants::{list_usage, report_usage},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    examples, idempotency::replayed, json_body::JsonBody, json_fields::JsonFields,
    parameters::IdempotencyKeyHeader,
};
use crate::http::{authentication::TenantProgram, error::ApiError};

/// The use of each metric.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageList {
    usage: Vec<Usage>,
}

/// The use to record.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the body")]
struct UsageBody {
    #[schema(value_type = ReportedMetric)]
    metric: Metric,
    /// For quotes, the number of further quotes. For the storage, the bytes in use now.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    quantity: i64,
}

/// Read the usage
#[utoipa::path(
    get,
    path = "/usage",
    operation_id = "readOwnUsage",
    tag = "Tenant API",
    security(("key" = [])),
    responses((
        status = 200,
        description = "The use of each metric, with its limit.",
        body = UsageList,
        example = json!({ "usage": examples::usage() }),
    )),
)]
pub(crate) async fn list(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
) -> Result<Json<UsageList>, ApiError> {
    Ok(Json(UsageList { usage: list_usage(&engine, &caller).await? }))
}

/// Report usage
///
/// A repeated call with the same idempotency key and body records nothing, and returns the same response. Use
/// above the quota is refused and not recorded.
#[utoipa::path(
    post,
    path = "/usage",
    operation_id = "reportOwnUsage",
    tag = "Tenant API",
    security(("key" = [])),
    params(IdempotencyKeyHeader),
    request_body(content = UsageBody, example = json!(examples::usage_report())),
    responses((
        status = 200,
        description = "The use after this report.",
        body = Usage,
        headers(("Idempotent-Replayed" = String, description = "`true` if an earlier response is repeated.")),
        example = json!(examples::usage()[1]),
    )),
)]
pub(crate) async fn report(
    State(engine): State<Engine>,
    TenantProgram(caller): TenantProgram,
    IdempotencyKeyHeader(key): IdempotencyKeyHeader,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let mut fields = JsonFields::new(body.clone(), &UsageReport::FIELDS);
    let (metric, quantity) = (fields.text("metric"), fields.number("quantity"));
    let report = fields.complete(UsageReport::parse(metric.as_deref(), quantity)).into_result()?;
    let (usage, is_replay) = report_usage(&engine, &caller, report, &key, &body).await?;
    Ok((replayed(is_replay), Json(usage)).into_response())
}
