use axum::{http::StatusCode, response::Response};
use domain::{paths, tenant_form::FormValues};

use super::{PageRequest, form::Fields, page_request::see_other};
use crate::console::{FormResult, SessionToken, TeamOutcome, save_team_form};

/// Performs the action of a form of the team page, and redirects to the page, which then says what was done. A new secret
/// is shown in the response itself, because it is shown once. If the session has ended, redirects to the sign-in page.
pub(crate) async fn save(page: PageRequest, Fields(fields): Fields<Vec<(String, String)>>) -> Response {
    let Some(employee) = page.employee() else {
        return page.show().await;
    };
    let (SessionToken(session), values) = (page.session(), FormValues::from(fields));
    match save_team_form(&page.server.console, &employee, session.as_deref(), &values).await {
        Ok(TeamOutcome::Done(action)) => {
            see_other(&format!("{}?{}={action}", paths::TEAM, paths::SAVED), None)
        }
        Ok(TeamOutcome::Issued(secret)) => {
            let result = FormResult::Team { values, result: Ok(Box::new(secret)) };
            page.render(Some(result), StatusCode::OK).await
        }
        Err(error) => {
            let problem = error.report();
            let result = FormResult::Team { values, result: Err(Box::new(problem.clone())) };
            page.render_problem(&problem, result).await
        }
    }
}
