//! The actions of an admin on a dead step. Each responds with the updated request.

use axum::{Json, extract::State};
use domain::{history::RequestDetail, rollback::RollbackConfirmation};
use engine::{
    Engine,
    access::Employee,
    pipeline::{DeadStepAction, apply_dead_step_action, rollback_detached},
    provisioning,
};
use serde_json::Value;
use uuid::Uuid;

use super::{examples, json_body::JsonBody, json_fields::JsonFields, parameters::IdPath};
use crate::http::{
    authentication::{SignedIn, SignedInAdmin},
    error::ApiError,
};

/// Retry the dead step of a request
#[utoipa::path(
    post,
    path = "/provisioning-requests/{id}/retry",
    operation_id = "retryStep",
    tag = "Requests",
    params(("id" = Uuid, Path, description = "The ID of the request.")),
    responses((
        status = 200,
        description = "The request, after its dead step was queued again.",
        body = RequestDetail,
        example = json!(examples::request_detail()),
    )),
)]
pub(crate) async fn retry(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    IdPath(id): IdPath,
) -> Result<Json<RequestDetail>, ApiError> {
    apply(&engine, &employee, id, DeadStepAction::Retry).await
}

/// Continue a request without its dead step
///
/// The blueprint must allow it. What the step left behind is removed first.
#[utoipa::path(
    post,
    path = "/provisioning-requests/{id}/skip",
    operation_id = "skipStep",
    tag = "Requests",
    params(("id" = Uuid, Path, description = "The ID of the request.")),
    responses((
        status = 200,
        description = "The request, which continues without the step.",
        body = RequestDetail,
        example = json!(examples::request_detail()),
    )),
)]
pub(crate) async fn skip(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    IdPath(id): IdPath,
) -> Result<Json<RequestDetail>, ApiError> {
    apply(&engine, &employee, id, DeadStepAction::Skip).await
}

/// Roll back a request
///
/// Undoes the external effects, then deletes the tenant. The slug of the tenant confirms the rollback, and
/// the reason is stored. The rollback continues if the client disconnects, and the call can be repeated.
#[utoipa::path(
    post,
    path = "/provisioning-requests/{id}/rollback",
    operation_id = "rollBackRequest",
    tag = "Requests",
    params(("id" = Uuid, Path, description = "The ID of the request.")),
    request_body(
        content = RollbackConfirmation,
        example = json!({ "slug": "golden-spoon", "reason": "The customer ordered twice." }),
    ),
    responses((
        status = 200,
        description = "The request, after the rollback.",
        body = RequestDetail,
        example = json!(examples::request_detail()),
    )),
)]
pub(crate) async fn rollback(
    State(engine): State<Engine>,
    SignedInAdmin(employee): SignedInAdmin,
    IdPath(id): IdPath,
    JsonBody(body): JsonBody,
) -> Result<Json<RequestDetail>, ApiError> {
    let confirmation = parse_confirmation(body)?;
    rollback_detached(&engine, employee.clone(), id, confirmation).await?;
    load_detail(&engine, &employee, id).await
}

async fn apply(
    engine: &Engine,
    employee: &Employee,
    id: Uuid,
    action: DeadStepAction,
) -> Result<Json<RequestDetail>, ApiError> {
    apply_dead_step_action(engine, employee, id, action).await?;
    load_detail(engine, employee, id).await
}

async fn load_detail(
    engine: &Engine,
    employee: &Employee,
    id: Uuid,
) -> Result<Json<RequestDetail>, ApiError> {
    let detail = provisioning::find_request(engine, id).await?;
    Ok(Json(detail.for_role(employee.role)))
}

/// Reads the fields `slug` and `reason`. A missing field counts as empty.
fn parse_confirmation(body: Value) -> Result<RollbackConfirmation, ApiError> {
    let mut fields = JsonFields::new(body, &["slug", "reason"]);
    let mut text = |name| fields.text(name).unwrap_or_default();
    let (slug, reason) = (text("slug"), text("reason"));
    let confirmation = RollbackConfirmation::parse(&slug, &reason);
    let confirmation = confirmation.map_err(|problems| fields.refuse(problems)).ok();
    fields.finish(confirmation)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rollback_is_confirmed_with_a_slug_and_a_reason_as_strings() {
        let problem = |body: Value| parse_confirmation(body).unwrap_err().problem.errors.remove(0);
        assert!(parse_confirmation(json!({ "slug": "golden-spoon", "reason": "a typo" })).is_ok());
        for (body, field, rule) in [
            (json!({ "reason": "a typo" }), "slug", "required"),
            (json!({ "slug": "golden-spoon", "reason": null }), "reason", "required"),
            (json!({ "slug": "golden-spoon", "reason": 1 }), "reason", "type"),
            (json!({ "slug": ["golden-spoon"], "reason": "a typo" }), "slug", "type"),
            (json!({ "slug": "golden-spoon", "reason": "a typo", "force": true }), "force", "unknown_field"),
            (json!([]), "", "type"),
        ] {
            let problem = problem(body);
            assert_eq!((problem.field.as_str(), problem.rule.as_str()), (field, rule));
        }
    }
}
