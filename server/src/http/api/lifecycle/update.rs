use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use domain::{
    Problem, TenantStatus, Timestamp,
    defaults::Commission,
    lifecycle::{ChangedTenant, TenantChanges},
    openapi::{ConfiguredName, Name, PlanName, ShortName},
    plan::QuotaOverrides,
    slug::Slug,
};
use engine::{Engine, tenants::update_tenant};
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::respond;
use crate::http::{
    api::{
        body_rules::{has, with_rule},
        examples,
        json_body::JsonBody,
        parameters::{IfMatch, TenantPath},
    },
    authentication::SignedInAdmin,
    error::ApiError,
};

/// The body that changes a tenant, with at least one field. A missing field leaves the value unchanged.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the body, which `TenantChanges` reads")]
struct TenantChangesProperties {
    #[schema(value_type = Option<Name>)]
    name: Option<String>,
    /// Null removes the short name.
    #[schema(value_type = Option<ShortName>)]
    short_name: Option<String>,
    slug: Option<Slug>,
    #[schema(value_type = Option<PlanName>)]
    plan: Option<String>,
    /// All limits that the tenant has instead of those of its plan. Null means unlimited, and a missing member
    /// means the limit of the plan.
    quotas: Option<QuotaOverrides>,
    /// All features that the tenant has (true), or lacks (false), unlike its plan.
    #[schema(value_type = Option<BTreeMap<ConfiguredName, bool>>)]
    features: Option<BTreeMap<String, bool>>,
    commission: Option<Commission>,
    /// When maintenance suspends the tenant. Null removes the end of the trial.
    trial_ends_at: Option<Timestamp>,
}

/// The body that changes a tenant.
#[derive(Debug)]
struct TenantChangesBody;

impl PartialSchema for TenantChangesBody {
    fn schema() -> RefOr<Schema> {
        let replaced = ["name", "slug", "plan", "quotas", "features", "commission"].map(has);
        let removable = ["shortName", "trialEndsAt"].map(|field| json!({ "required": [field] }));
        let rule = replaced.into_iter().chain(removable).collect();
        with_rule(TenantChangesProperties::schema(), "anyOf", rule)
    }
}

impl ToSchema for TenantChangesBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        TenantChangesProperties::schemas(schemas);
    }
}

/// Change a tenant
///
/// The former slug still finds the tenant, and no other tenant can have it.
#[utoipa::path(
    patch,
    path = "/tenants/{tenant}",
    operation_id = "updateTenant",
    tag = "Tenants",
    params(TenantPath, IfMatch),
    request_body(content = TenantChangesBody, example = json!({ "plan": "pro", "commission": 10 })),
    responses((
        status = 200,
        description = "The changed tenant.",
        body = ChangedTenant,
        headers(("ETag" = String, description = "The version of the tenant.")),
        example = json!(examples::changed_tenant(TenantStatus::Active)),
    )),
)]
pub(crate) async fn update(
    State(engine): State<Engine>,
    SignedInAdmin(employee): SignedInAdmin,
    TenantPath(tenant): TenantPath,
    IfMatch(precondition): IfMatch,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let changes = TenantChanges::from_json(&body).map_err(Problem::from_fields)?;
    let changed = update_tenant(&engine, &employee.into(), &tenant, &precondition, &changes).await?;
    Ok(respond(changed))
}
