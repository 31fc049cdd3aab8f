use axum::{http::StatusCode, response::Response};
use domain::{
    FieldProblem, Problem,
    email::Email,
    erasure::{ErasureOutcome, ErasureReport},
    paths,
    tenant_form::FormValues,
};
use engine::{
    access::{Actor, parse_email},
    erasure::{Erasure, erase_person},
};

use super::{PageRequest, form::Fields, page_request::see_other};
use crate::console::FormResult;

/// Shows what an erasure would change, or erases the person if the form confirms it, and then redirects to the page.
/// The address is in no link, because servers log links. If the session has ended, redirects to the sign-in page.
///
/// Another page below the audit log has no form.
pub(crate) async fn post(page: PageRequest, Fields(fields): Fields<Vec<(String, String)>>) -> Response {
    let Some(employee) = page.employee().filter(|_| page.path() == paths::ERASE_PERSON) else {
        return page.show().await;
    };
    let (actor, values) = (Actor::from(employee), FormValues::from(fields));
    let shown = match read_address(&values) {
        Ok(email) => run(&page, &actor, &email, &values).await,
        Err(problem) => Err(problem),
    };
    match shown {
        Ok(Shown { report, problem: None }) => match &report.pseudonym {
            Some(pseudonym) => {
                see_other(&format!("{}?{}={pseudonym}", paths::ERASE_PERSON, paths::ERASED), None)
            }
            None => {
                let result = FormResult::Erasure { values, report: Some(Box::new(report)), problem: None };
                page.render(Some(result), StatusCode::OK).await
            }
        },
        Ok(Shown { report, problem: Some(problem) }) => {
            let (report, shown) = (Some(Box::new(report)), Some(Box::new(problem.clone())));
            page.render_problem(&problem, FormResult::Erasure { values, report, problem: shown }).await
        }
        Err(problem) => {
            let shown = Some(Box::new(problem.clone()));
            page.render_problem(&problem, FormResult::Erasure { values, report: None, problem: shown }).await
        }
    }
}

/// What the page shows.
struct Shown {
    report: ErasureReport,
    problem: Option<Problem>,
}

/// Erases the person if the address was typed again. Otherwise, only finds what would be erased.
async fn run(
    page: &PageRequest,
    actor: &Actor,
    email: &Email,
    values: &FormValues,
) -> Result<Shown, Problem> {
    let is_erasure = values.get("action") == Some("erase");
    let typed = values.get("confirm").unwrap_or_default();
    let is_confirmed = parse_email(typed).is_ok_and(|typed| typed == *email);
    let erasure =
        Erasure { email, reference: values.get("reference"), dry_run: !is_erasure || !is_confirmed };
    let report = erase_person(&page.server.console.engine, actor, erasure).await;
    let report = report.map_err(|error| error.report())?;
    let is_unconfirmed = is_erasure && !is_confirmed && report.outcome == ErasureOutcome::Erased;
    let problem = is_unconfirmed.then(|| {
        let message = format!("Type {email} to confirm that this person is erased.");
        Problem::from_fields(vec![FieldProblem::new("confirm", "confirmation", &message)])
    });
    Ok(Shown { report, problem })
}

fn read_address(values: &FormValues) -> Result<Email, Problem> {
    parse_email(values.get("email").unwrap_or_default())
        .map_err(|problem| Problem::from_fields(vec![problem.in_field("email")]))
}
