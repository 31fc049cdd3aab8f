//! What an admin decides about a request's dead step. Each answers with the request as it is then.

use axum::{
    Json,
    extract::{Path, Request, State, rejection::PathRejection},
};
use domain::{FieldProblem, field::line, history::RequestDetail};
use engine::{
    Engine,
    access::Principal,
    pipeline::{DeadStepAction, apply_dead_step_action, rollback_detached},
    provisioning,
};
use serde_json::Value;
use uuid::Uuid;

use super::{json_body, requests::parse_id};
use crate::http::{error::ApiError, visitor::SignedIn};

/// How long the reason of a rollback may be, in characters.
const MAX_REASON: usize = 500;

type Id = Result<Path<String>, PathRejection>;

/// `POST /provisioning-requests/{id}/retry`: the dead step again, with all its tries.
pub async fn retry(
    State(engine): State<Engine>,
    SignedIn(principal): SignedIn,
    id: Id,
) -> Result<Json<RequestDetail>, ApiError> {
    carry_out(&engine, &principal, parse_id(id)?, DeadStepAction::Retry).await
}

/// `POST /provisioning-requests/{id}/skip`: on without the dead step, where the blueprint allows it.
pub async fn skip(
    State(engine): State<Engine>,
    SignedIn(principal): SignedIn,
    id: Id,
) -> Result<Json<RequestDetail>, ApiError> {
    carry_out(&engine, &principal, parse_id(id)?, DeadStepAction::Skip).await
}

/// `POST /provisioning-requests/{id}/rollback` with a `reason`: undoes what was done outside, then
/// the tenant. It goes on when nobody waits for the answer any more, and can be called again.
pub async fn rollback(
    State(engine): State<Engine>,
    SignedIn(principal): SignedIn,
    id: Id,
    request: Request,
) -> Result<Json<RequestDetail>, ApiError> {
    principal.require_provisioning()?;
    let id = parse_id(id)?;
    let reason = reason(&json_body::read(request).await?).map_err(ApiError::of_field)?;
    rollback_detached(&engine, principal.clone(), id, reason).await?;
    detail(&engine, &principal, id).await
}

async fn carry_out(
    engine: &Engine,
    principal: &Principal,
    id: Uuid,
    action: DeadStepAction,
) -> Result<Json<RequestDetail>, ApiError> {
    apply_dead_step_action(engine, principal, id, action).await?;
    detail(engine, principal, id).await
}

async fn detail(engine: &Engine, principal: &Principal, id: Uuid) -> Result<Json<RequestDetail>, ApiError> {
    let detail = provisioning::find_request(engine, id).await?;
    Ok(Json(detail.for_role(principal.role)))
}

fn reason(body: &Value) -> Result<String, FieldProblem> {
    let fields = body.as_object().ok_or_else(|| FieldProblem::new("", "type", "Send a JSON object."))?;
    if fields.keys().any(|key| key != "reason") {
        return Err(FieldProblem::new("", "unknown_field", "Send the reason and nothing else."));
    }
    match fields.get("reason") {
        None | Some(Value::Null) => line("reason", "the reason", "", MAX_REASON),
        Some(Value::String(text)) => line("reason", "the reason", text, MAX_REASON),
        Some(_) => Err(FieldProblem::new("reason", "type", "Send this field as text.")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reason_is_a_line_of_1_to_500_characters() {
        let rule = |body: Value| reason(&body).map_err(|problem| problem.rule);
        assert_eq!(rule(json!({ "reason": " typo in the name " })), Ok("typo in the name".into()));
        assert_eq!(rule(json!({ "reason": "é".repeat(500) })), Ok("é".repeat(500)));
        for (body, broken) in [
            (json!({}), "required"),
            (json!({ "reason": null }), "required"),
            (json!({ "reason": "  " }), "required"),
            (json!({ "reason": "x".repeat(501) }), "too_long"),
            (json!({ "reason": "a\nb" }), "control_characters"),
            (json!({ "reason": 1 }), "type"),
            (json!({ "reason": "x", "force": true }), "unknown_field"),
            (json!([]), "type"),
        ] {
            assert_eq!(rule(body), Err(broken.into()));
        }
    }
}
