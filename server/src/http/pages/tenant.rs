use axum::{
    extract::{Path, rejection::PathRejection},
    response::Response,
};
use domain::{
    FieldProblem, paths,
    tenant_form::{FormValues, TenantForm},
};
use engine::tenants::TenantCaller;

use super::{PageRequest, form::Fields, page_request::see_other};
use crate::{
    console::{FormResult, save_form},
    http::error::ApiError,
};

/// Saves a form of a tenant, and redirects to the page of the tenant. A refused form is shown again. If the
/// session has ended, redirects to the sign-in page.
///
/// # Errors
/// `VALIDATION_ERROR` if the post does not name a form.
pub(crate) async fn save(
    page: PageRequest,
    tenant: Result<Path<String>, PathRejection>,
    Fields(fields): Fields<Vec<(String, String)>>,
) -> Result<Response, ApiError> {
    let Path(tenant) = tenant.map_err(|_| ApiError::not_found())?;
    let Some(employee) = page.employee() else {
        return Ok(page.show().await);
    };
    let mut values = FormValues::from(fields);
    let (form, version) = (values.take("form"), values.take("version"));
    let form = TenantForm::from_text(&form).ok_or_else(|| {
        ApiError::from_field(FieldProblem::new(
            "form",
            "unknown",
            "Open the form again, and send it once more.",
        ))
    })?;
    let engine = &page.server.console.engine;
    let caller = TenantCaller::actor(employee, &tenant);
    match save_form(engine, &caller, form, version.clone(), &values).await {
        Ok(()) => Ok(see_other(&format!("{}#{form}", paths::tenant(&tenant)), None)),
        Err(error) => {
            let problem = error.report();
            let form_result = FormResult::Tenant { form, version, values, problem: problem.clone() };
            Ok(page.render_problem(&problem, form_result).await)
        }
    }
}
