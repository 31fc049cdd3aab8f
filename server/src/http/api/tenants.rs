use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    ErrorCode, StepState,
    idempotency_key::IdempotencyKey,
    outcome::Provisioned,
    paths,
    provisioning::{Draft, NewTenant},
};
use engine::{
    access::Caller,
    provisioning::{ProvisionOutcome, ProvisionRequest, provision_detached},
};

use super::{
    examples,
    idempotency::{idempotency_key, replayed},
    json_body,
    parameters::IdempotencyKeyHeader,
};
use crate::{
    console::Console,
    http::{authentication::ApiCaller, error::ApiError, state::ServerState},
};

/// Create a tenant
///
/// Creates a complete tenant or nothing. A repeated call with the same key and body creates nothing, and
/// returns the same response without the secrets. A tenant without an owner returns 201, because its steps
/// wait for the owner.
#[utoipa::path(
    post,
    path = "/tenants",
    operation_id = "createTenant",
    tag = "Tenants",
    params(IdempotencyKeyHeader),
    request_body(content = NewTenant, example = json!(examples::new_tenant())),
    responses(
        (
            status = 201,
            description = "The tenant is complete. Only the first response contains `secretKey` and \
                           `owner.invitationUrl`.",
            body = Provisioned,
            headers(
                ("Location" = String, description = "The path of the provisioning request."),
                ("Idempotent-Replayed" = String, description = "`true` if an earlier response is repeated."),
            ),
            example = json!(examples::provisioned()),
        ),
        (
            status = 202,
            description = "The tenant is complete, and steps in external systems have not run yet.",
            body = Provisioned,
            headers(
                ("Location" = String, description = "The path of the provisioning request."),
                ("Idempotent-Replayed" = String, description = "`true` if an earlier response is repeated."),
            ),
            example = json!(examples::provisioned()),
        ),
    ),
)]
pub(crate) async fn create(
    State(server): State<ServerState>,
    ApiCaller(caller): ApiCaller,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, ApiError> {
    let console = &server.console;
    let key = match idempotency_key(&headers) {
        Ok(key) => key,
        Err(code) => {
            caller.authenticate(&console.engine).await?;
            return Err(code.into());
        }
    };
    let request = match json_body::read(request).await {
        Ok(body) => ProvisionRequest::from_json(key, &body),
        Err(unreadable) => return Err(record_unreadable(console, caller, key, unreadable).await),
    };
    let (provisioned, is_replay) =
        match provision_detached(&console.engine, caller, request, &console.origin).await? {
            ProvisionOutcome::Created(provisioned) => (provisioned, false),
            ProvisionOutcome::Replayed(provisioned) => (provisioned, true),
        };
    let location = [(header::LOCATION, paths::api_request(provisioned.request_id))];
    Ok((status(&provisioned), location, replayed(is_replay), Json(provisioned)).into_response())
}

fn status(provisioned: &Provisioned) -> StatusCode {
    match provisioned.pipeline.state {
        StepState::Pending | StepState::Running | StepState::Retrying => StatusCode::ACCEPTED,
        _ => StatusCode::CREATED,
    }
}

/// Stores an attempt with an unreadable body in the history, like every refused attempt, and returns its
/// error. Bodies that are too large or compressed are refused earlier, before the sender is identified.
async fn record_unreadable(
    console: &Console,
    caller: Caller,
    key: IdempotencyKey,
    unreadable: ApiError,
) -> ApiError {
    let problems = unreadable.problem.errors.clone();
    if problems.is_empty() {
        return unreadable;
    }
    let request = ProvisionRequest { problems, ..ProvisionRequest::new(key, Draft::default()) };
    match provision_detached(&console.engine, caller, request, &console.origin).await {
        Err(error) if error.problem().code == ErrorCode::ValidationError => {
            unreadable.with_request_id(error.problem().request_id)
        }
        Err(error) => error.into(),
        Ok(_) => unreadable,
    }
}
