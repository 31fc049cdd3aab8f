//! The actions of an admin on a dead step. Each responds with the updated request.

use axum::{
    Json,
    extract::{Path, Request, State, rejection::PathRejection},
};
use domain::{
    FieldProblem,
    field::parse_line,
    history::{MAX_ROLLBACK_REASON, RequestDetail},
};
use engine::{
    Engine,
    access::Employee,
    pipeline::{DeadStepAction, apply_dead_step_action, rollback_detached},
    provisioning,
};
use serde_json::Value;
use uuid::Uuid;

use super::{json_body, requests::parse_id};
use crate::http::{authentication::SignedIn, error::ApiError};

type Id = Result<Path<String>, PathRejection>;

/// `POST /provisioning-requests/{id}/retry`: retry the dead step.
pub(crate) async fn retry(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    id: Id,
) -> Result<Json<RequestDetail>, ApiError> {
    apply(&engine, &employee, parse_id(id)?, DeadStepAction::Retry).await
}

/// `POST /provisioning-requests/{id}/skip`: continue without the dead step, if the blueprint allows it.
pub(crate) async fn skip(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    id: Id,
) -> Result<Json<RequestDetail>, ApiError> {
    apply(&engine, &employee, parse_id(id)?, DeadStepAction::Skip).await
}

/// `POST /provisioning-requests/{id}/rollback` with a `reason`: undo the external effects, then delete the
/// tenant. The rollback continues if the client disconnects, and the call can be repeated.
pub(crate) async fn rollback(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    id: Id,
    request: Request,
) -> Result<Json<RequestDetail>, ApiError> {
    employee.require_provisioning()?;
    let id = parse_id(id)?;
    let reason = parse_reason(&json_body::read(request).await?).map_err(ApiError::from_field)?;
    rollback_detached(&engine, employee.clone(), id, reason).await?;
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

fn parse_reason(body: &Value) -> Result<String, FieldProblem> {
    let fields = body
        .as_object()
        .ok_or_else(|| FieldProblem::new("", "type", "Send a JSON object with the field reason."))?;
    if fields.keys().any(|key| key != "reason") {
        return Err(FieldProblem::new(
            "",
            "unknown_field",
            "Only the field reason is allowed. Remove the others.",
        ));
    }
    match fields.get("reason") {
        None | Some(Value::Null) => parse_line("reason", "the reason", "", MAX_ROLLBACK_REASON),
        Some(Value::String(text)) => parse_line("reason", "the reason", text, MAX_ROLLBACK_REASON),
        Some(_) => Err(FieldProblem::new("reason", "type", "Send this field as a string.")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reason_is_one_line_of_1_to_500_characters() {
        let rule = |body: Value| parse_reason(&body).map_err(|problem| problem.rule);
        assert_eq!(rule(json!({ "reason": " typo in the name " })), Ok("typo in the name".into()));
        assert_eq!(rule(json!({ "reason": "é".repeat(500) })), Ok("é".repeat(500)));
        for (body, expected) in [
            (json!({}), "required"),
            (json!({ "reason": null }), "required"),
            (json!({ "reason": "  " }), "required"),
            (json!({ "reason": "x".repeat(501) }), "too_long"),
            (json!({ "reason": "a\nb" }), "control_characters"),
            (json!({ "reason": 1 }), "type"),
            (json!({ "reason": "x", "force": true }), "unknown_field"),
            (json!([]), "type"),
        ] {
            assert_eq!(rule(body), Err(expected.into()));
        }
    }
}
