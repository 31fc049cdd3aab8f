use axum::{
    Json,
    extract::{OriginalUri, Path, Request, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
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
    access::{self, EmployeeUpdate, InvitedEmployee, parse_email},
};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::Value;

use super::{
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

/// An employee with a setup link. No other response contains the link.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EmployeeWithLink {
    #[serde(flatten)]
    employee: EmployeeSummary,
    setup_url: String,
    setup_expires_at: Timestamp,
}

impl EmployeeWithLink {
    fn new(console: &Console, invited: InvitedEmployee) -> Self {
        let path = paths::setup(invited.link.token.expose_secret());
        Self {
            employee: invited.employee,
            setup_url: format!("{}{path}", console.origin),
            setup_expires_at: invited.link.expires_at,
        }
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

/// `POST /employees` with `name`, `email` and `role`. The employee chooses a password with the setup link.
pub(crate) async fn invite(
    State(ServerState { console, .. }): State<ServerState>,
    SignedIn(employee): SignedIn,
    request: Request,
) -> Result<Response, ApiError> {
    let mut fields = JsonFields::new(json_body::read(request).await?, &["name", "email", "role"]);
    let mut text = |name: &str| fields.text(name).unwrap_or_default();
    let (name, email, role) = (text("name"), text("email"), text("role"));
    let name = fields.check(parse_line("name", "the name", &name, MAX_NAME));
    let email = fields.check(parse_email(&email).map_err(|problem| problem.in_field("email")));
    let role = fields.check(parse_role(&role));
    let values = name.zip(email).zip(role);
    let ((name, email), role) = fields.finish(values)?;
    let invited = access::invite_employee(&console.engine, &employee.into(), &name, &email, role).await?;
    Ok((StatusCode::CREATED, Json(EmployeeWithLink::new(&console, invited))).into_response())
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
    Ok((StatusCode::CREATED, Json(EmployeeWithLink::new(&console, invited))).into_response())
}

fn parse_update(body: Value) -> Result<EmployeeUpdate, ApiError> {
    let mut fields = JsonFields::new(body, &["role", "status"]);
    let (role, status) = (fields.text("role"), fields.text("status"));
    let role = role.and_then(|role| fields.check(parse_role(&role)));
    let status = status.and_then(|status| fields.check(parse_employee_status(&status)));
    fields.finish(Some(EmployeeUpdate { role, status }))
}
