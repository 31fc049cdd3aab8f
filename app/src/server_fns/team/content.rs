use domain::Problem;
use engine::{
    access::{Actor, list_employees, list_own_sessions, list_tokens},
    page::{Page, PageRequest},
};
use leptos::prelude::*;
use uuid::Uuid;

use super::types::{TeamContent, TeamResult};
use crate::{
    Failure, FormResult, SessionToken,
    server_context::{console, respond_with_error, respond_with_problem, signed_in_employee},
};

/// Reads what the page shows to the signed-in employee.
pub(super) async fn read(employees: &str, tokens: &str) -> Result<TeamContent, Failure> {
    let employee = signed_in_employee()?;
    let engine = console()?.engine;
    let actor = Actor::from(employee.clone());
    let page = |after: &str| {
        PageRequest::parse("200", after)
            .map_err(|problems| respond_with_problem(Problem::from_fields(problems)))
    };
    let (employee_page, token_page) = (page(employees)?, page(tokens)?);
    let employees = match employee.role.may_see_employees() {
        true => list_employees(&engine, &actor, employee_page).await.map_err(respond_with_error)?,
        false => Page { rows: Vec::new(), next: None },
    };
    let tokens = list_tokens(&engine, &actor, token_page).await.map_err(respond_with_error)?;
    let session = use_context::<SessionToken>().and_then(|SessionToken(token)| token);
    let sessions = list_own_sessions(&engine, &employee, session.as_deref(), page("")?)
        .await
        .map_err(respond_with_error)?;
    Ok(TeamContent {
        own_id: employee.id.to_string(),
        role: employee.role,
        employees: employees.rows,
        next_employees: employees.next.map(|next| next.to_string()).unwrap_or_default(),
        tokens: tokens.rows,
        next_tokens: tokens.next.map(|next| next.to_string()).unwrap_or_default(),
        sessions: sessions.rows,
        key: Uuid::new_v4().to_string(),
        result: posted().and_then(|result| serde_json::to_string(&result).ok()).unwrap_or_default(),
    })
}

/// The result of the form post whose response is the page.
fn posted() -> Option<TeamResult> {
    match use_context()? {
        FormResult::Team { values, result } => Some(match result {
            Ok(issued) => TeamResult::Issued(*issued),
            Err(problem) => TeamResult::Refused { values, failure: (*problem).into() },
        }),
        _ => None,
    }
}
