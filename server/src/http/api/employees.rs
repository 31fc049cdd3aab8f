use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    Role, Timestamp,
    access::{EmployeeStatus, EmployeeSummary, parse_employee_status, parse_role},
    email::Email,
    field::parse_line,
    openapi::Name,
    paths,
    provisioning::MAX_NAME,
};
use engine::{
    Engine,
    access::{self, CreationOutcome, EmployeeUpdate, InvitedEmployee, Invitee, parse_email},
};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    examples,
    idempotency::created,
    json_body::JsonBody,
    json_fields::JsonFields,
    list::{ListRequest, PageParameters},
    parameters::{IdPath, IdempotencyKeyHeader},
    sessions::EndedSessions,
};
use crate::{
    console::Console,
    http::{authentication::SignedIn, error::ApiError, state::ServerState},
};

/// One page of the employees, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct EmployeeList {
    employees: Vec<EmployeeSummary>,
    /// The value of `after` for the next page; null on the last page.
    next: Option<String>,
}

/// The body that creates an employee.
#[derive(Debug, ToSchema)]
struct NewEmployeeBody {
    #[schema(value_type = Name)]
    name: String,
    email: Email,
    role: Role,
}

/// The body that changes an employee. A missing field leaves the value unchanged.
#[derive(Debug, ToSchema)]
struct EmployeeUpdateBody {
    role: Option<Role>,
    status: Option<EmployeeStatus>,
}

/// The `nextStep` in the response to a repeated call.
const REPLAY_NEXT_STEP: &str = "The setup link was in the first response. \
    If that response was lost, request a new link with POST /employees/{id}/setup-link.";

/// An employee with a setup link. Only the first response with an idempotency key contains the link.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EmployeeWithLink {
    #[serde(flatten)]
    employee: EmployeeSummary,
    /// The link with which the employee chooses a password. It works once.
    setup_url: Option<String>,
    /// Whether an earlier response contained the link.
    setup_url_revealed: bool,
    setup_expires_at: Option<Timestamp>,
    /// What the client can do if the earlier response was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_step: Option<&'static str>,
}

impl EmployeeWithLink {
    fn new(console: &Console, invited: InvitedEmployee) -> Self {
        let path = paths::setup(invited.link.token.expose_secret());
        Self {
            employee: invited.employee,
            setup_url: Some(format!("{}{path}", console.origin)),
            setup_url_revealed: false,
            setup_expires_at: Some(invited.link.expires_at),
            next_step: None,
        }
    }

    /// The response to a repeated call.
    fn replayed(employee: EmployeeSummary) -> Self {
        let next_step = Some(REPLAY_NEXT_STEP);
        Self { employee, setup_url: None, setup_url_revealed: true, setup_expires_at: None, next_step }
    }
}

/// List employees
///
/// For the roles `SUPER_ADMIN` and `ADMIN`.
#[utoipa::path(
    get,
    path = "/employees",
    operation_id = "listEmployees",
    tag = "Employees",
    params(PageParameters),
    responses((
        status = 200,
        description = "One page of the employees.",
        body = EmployeeList,
        headers(("Link" = String, description = "The path of the next page, with `rel=\"next\"`.")),
        example = json!({ "employees": [examples::employee()], "next": null }),
    )),
)]
pub(crate) async fn list(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    list: ListRequest,
) -> Result<Response, ApiError> {
    let page = access::list_employees(&engine, &employee.into(), list.page).await?;
    Ok(list.respond(page, |employees, next| EmployeeList { employees, next }))
}

/// Create an employee
///
/// The employee gets a mail with the setup link, chooses a password with it, and is signed in. The link is valid for
/// 7 days and works once. The response contains it too, for installations without a mail server. A repeated call with
/// the same idempotency key and body creates nothing, and returns the employee without the link. For the role
/// `SUPER_ADMIN`.
#[utoipa::path(
    post,
    path = "/employees",
    operation_id = "createEmployee",
    tag = "Employees",
    params(IdempotencyKeyHeader),
    request_body(
        content = NewEmployeeBody,
        example = json!({ "name": "Ada Park", "email": "ada@example.com", "role": "ADMIN" }),
    ),
    responses((
        status = 201,
        description = "The employee. Only the first response contains the setup link.",
        body = EmployeeWithLink,
        headers(("Idempotent-Replayed" = String, description = "`true` if an earlier response is repeated.")),
        example = json!(examples::employee_with_link()),
    )),
)]
pub(crate) async fn invite(
    State(ServerState { console, .. }): State<ServerState>,
    SignedIn(employee): SignedIn,
    IdempotencyKeyHeader(key): IdempotencyKeyHeader,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let NewEmployeeBody { name, email, role } = parse_new_employee(body)?;
    let new = Invitee { name: &name, email: &email, role, origin: &console.origin };
    let outcome = access::invite_employee_once(&console.engine, &employee.into(), new, &key).await?;
    let invited = match outcome {
        CreationOutcome::Created(invited) => EmployeeWithLink::new(&console, invited),
        CreationOutcome::Replayed(employee) => EmployeeWithLink::replayed(employee),
    };
    let is_replay = invited.setup_url_revealed;
    Ok(created(invited, is_replay))
}

/// Change the role or the status of an employee
///
/// Disabling an employee ends the sessions and the event streams, revokes the tokens that the employee created, and
/// ends the setup link. A lower role also lowers the roles of these tokens. The last `SUPER_ADMIN` who can sign in
/// cannot be disabled or get another role. For the role `SUPER_ADMIN`.
#[utoipa::path(
    patch,
    path = "/employees/{id}",
    operation_id = "updateEmployee",
    tag = "Employees",
    params(("id" = Uuid, Path, description = "The ID of the employee.")),
    request_body(content = EmployeeUpdateBody, example = json!({ "role": "VIEWER" })),
    responses((
        status = 200,
        description = "The employee.",
        body = EmployeeSummary,
        example = json!(examples::employee()),
    )),
)]
pub(crate) async fn update(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    IdPath(id): IdPath,
    JsonBody(body): JsonBody,
) -> Result<Json<EmployeeSummary>, ApiError> {
    let EmployeeUpdateBody { role, status } = parse_update(body)?;
    let update = EmployeeUpdate { role, status };
    Ok(Json(access::update_employee(&engine, &employee.into(), id, update).await?))
}

/// Send the invitation of an employee again
///
/// The employee gets a mail with a new setup link, and the former link no longer works. For employees who have no
/// password yet. For the role `SUPER_ADMIN`.
#[utoipa::path(
    post,
    path = "/employees/{id}/setup-link",
    operation_id = "renewSetupLink",
    tag = "Employees",
    params(("id" = Uuid, Path, description = "The ID of the employee.")),
    responses((
        status = 201,
        description = "The employee with the new setup link.",
        body = EmployeeWithLink,
        example = json!(examples::employee_with_link()),
    )),
)]
pub(crate) async fn renew_setup_link(
    State(ServerState { console, .. }): State<ServerState>,
    SignedIn(employee): SignedIn,
    IdPath(id): IdPath,
) -> Result<Response, ApiError> {
    let invited = access::renew_setup_link(&console.engine, &employee.into(), id, &console.origin).await?;
    Ok(created(EmployeeWithLink::new(&console, invited), false))
}

/// Revoke the invitation of an employee
///
/// The setup link no longer works. For employees who have no password yet. For the role `SUPER_ADMIN`.
#[utoipa::path(
    delete,
    path = "/employees/{id}/setup-link",
    operation_id = "revokeSetupLink",
    tag = "Employees",
    params(("id" = Uuid, Path, description = "The ID of the employee.")),
    responses((status = 204, description = "The link no longer works.")),
)]
pub(crate) async fn revoke_setup_link(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    IdPath(id): IdPath,
) -> Result<StatusCode, ApiError> {
    access::revoke_employee_invitation(&engine, &employee.into(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send an employee a link for a new password
///
/// The link is valid for an hour and works once. The current password works until the employee has chosen a new one.
/// For the role `SUPER_ADMIN`.
#[utoipa::path(
    post,
    path = "/employees/{id}/password-reset",
    operation_id = "resetEmployeePassword",
    tag = "Employees",
    params(("id" = Uuid, Path, description = "The ID of the employee.")),
    responses((status = 204, description = "A mail with the link is in the outbox.")),
)]
pub(crate) async fn reset_password(
    State(ServerState { console, .. }): State<ServerState>,
    SignedIn(employee): SignedIn,
    IdPath(id): IdPath,
) -> Result<StatusCode, ApiError> {
    access::send_password_reset(&console.engine, &employee.into(), id, &console.origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all sessions of an employee
///
/// Also ends the event streams of these sessions. The tokens of the employee continue to work. For the role
/// `SUPER_ADMIN`.
#[utoipa::path(
    delete,
    path = "/employees/{id}/sessions",
    operation_id = "endEmployeeSessions",
    tag = "Employees",
    params(("id" = Uuid, Path, description = "The ID of the employee.")),
    responses((
        status = 200,
        description = "How many sessions have ended.",
        body = EndedSessions,
        example = json!({ "ended": 2 }),
    )),
)]
pub(crate) async fn end_sessions(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    IdPath(id): IdPath,
) -> Result<Json<EndedSessions>, ApiError> {
    let ended = access::end_all_sessions(&engine, &employee.into(), id).await?;
    Ok(Json(EndedSessions { ended }))
}

fn parse_new_employee(body: Value) -> Result<NewEmployeeBody, ApiError> {
    let mut fields = JsonFields::new(body, &["name", "email", "role"]);
    let mut text = |name: &str| fields.text(name).unwrap_or_default();
    let (name, email, role) = (text("name"), text("email"), text("role"));
    let name = fields.check(parse_line("name", "the name", &name, MAX_NAME));
    let email = fields.check(parse_email(&email).map_err(|problem| problem.in_field("email")));
    let role = fields.check(parse_role(&role));
    let values = name.zip(email).zip(role);
    fields.finish(values.map(|((name, email), role)| NewEmployeeBody { name, email, role }))
}

fn parse_update(body: Value) -> Result<EmployeeUpdateBody, ApiError> {
    let mut fields = JsonFields::new(body, &["role", "status"]);
    let (role, status) = (fields.text("role"), fields.text("status"));
    let role = role.and_then(|role| fields.check(parse_role(&role)));
    let status = status.and_then(|status| fields.check(parse_employee_status(&status)));
    fields.finish(Some(EmployeeUpdateBody { role, status }))
}
