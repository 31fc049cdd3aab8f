use axum::{
    Json,
    extract::{OriginalUri, Path, Request, State, rejection::PathRejection},
    response::Response,
};
use domain::{
    Timestamp,
    access::{EmployeeSummary, parse_employee_status, parse_role},
    field::parse_line,
    paths,
    provisioning::MAX_NAME,
};
use engine::{
    Engine,
    access::{self, CreationOutcome, EmployeeUpdate, InvitedEmployee, parse_email},
};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::Value;

use super::{
    idempotency::{created, idempotency_key},
    json_body,
    json_fields::JsonFields,
    list::{parse_page, respond},
    requests::parse_id,
};
use crate::{
    console::Console,
    http::{authentication::SignedIn, error::ApiError, state::ServerState},
};

#[derive(Debug, Serialize)]
struct EmployeeList {
    employees: Vec<EmployeeSummary>,
    next: Option<String>,
}

/// The `nextStep` in the response to a repeated call.
const REPLAY_NEXT_STEP: &str = "The setup link was in the first response. \
    If that response was lost, request a new link with POST /employees/{id}/setup-link.";

/// An employee with a setup link. Only the first response with an idempotency key contains the link.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EmployeeWithLink {
    #[serde(flatten)]
    employee: EmployeeSummary,
    setup_url: Option<String>,
    setup_url_revealed: bool,
    setup_expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
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

/// `GET /employees`
pub(crate) async fn list(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, ApiError> {
    let page = access::list_employees(&engine, &employee.into(), parse_page(uri.query())?).await?;
    let next = page.next.map(|cursor| cursor.to_string());
    Ok(respond(&uri, EmployeeList { employees: page.rows, next: next.clone() }, next.as_deref()))
}

/// `POST /employees` with `name`, `email` and `role`: 201 with the employee, who chooses a password with the
/// setup link. A replay has the same status, no link, and the header `Idempotent-Replayed`.
pub(crate) async fn invite(
    State(ServerState { console, .. }): State<ServerState>,
    SignedIn(employee): SignedIn,
    request: Request,
) -> Result<Response, ApiError> {
    let key = idempotency_key(request.headers())?;
    let mut fields = JsonFields::new(json_body::read(request).await?, &["name", "email", "role"]);
    let mut text = |name: &str| fields.text(name).unwrap_or_default();
    let (name, email, role) = (text("name"), text("email"), text("role"));
    let name = fields.check(parse_line("name", "the name", &name, MAX_NAME));
    let email = fields.check(parse_email(&email).map_err(|problem| problem.in_field("email")));
    let role = fields.check(parse_role(&role));
    let values = name.zip(email).zip(role);
    let ((name, email), role) = fields.finish(values)?;
    let actor = employee.into();
    let outcome = access::invite_employee_once(&console.engine, &actor, &name, &email, role, &key).await?;
    let invited = match outcome {
        CreationOutcome::Created(invited) => EmployeeWithLink::new(&console, invited),
        CreationOutcome::Replayed(employee) => EmployeeWithLink::replayed(employee),
    };
    let is_replay = invited.setup_url_revealed;
    Ok(created(invited, is_replay))
}

/// `PATCH /employees/{id}` with `role` or `status`, or both.
pub(crate) async fn update(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Json<EmployeeSummary>, ApiError> {
    let id = parse_id(id)?;
    let update = parse_update(json_body::read(request).await?)?;
    Ok(Json(access::update_employee(&engine, &employee.into(), id, update).await?))
}

/// `POST /employees/{id}/setup-link`: replaces the setup link of an employee who has no password yet.
pub(crate) async fn renew_setup_link(
    State(ServerState { console, .. }): State<ServerState>,
    SignedIn(employee): SignedIn,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let invited = access::renew_setup_link(&console.engine, &employee.into(), parse_id(id)?).await?;
    Ok(created(EmployeeWithLink::new(&console, invited), false))
}

fn parse_update(body: Value) -> Result<EmployeeUpdate, ApiError> {
    let mut fields = JsonFields::new(body, &["role", "status"]);
    let (role, status) = (fields.text("role"), fields.text("status"));
    let role = role.and_then(|role| fields.check(parse_role(&role)));
    let status = status.and_then(|status| fields.check(parse_employee_status(&status)));
    fields.finish(Some(EmployeeUpdate { role, status }))
}
