//! The form posts of the portal, and the style sheets with the colours of a branding.

use axum::{
    extract::{Path, rejection::PathRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{
    FieldProblem,
    branding::Color,
    catalog::CatalogKind,
    member::MemberAction,
    paths,
    portal::PortalPage,
    tenant_form::{FormValues, TenantForm},
};
use engine::tenants::TenantCaller;

use super::{PageRequest, form::Fields, page_request::see_other};
use crate::{
    console::{FormResult, save_catalog_form, save_form, save_member_form},
    http::error::ApiError,
};

/// Saves a form of a page in the portal, and redirects to the page. A refused form is shown again. If the session
/// has ended, redirects to the sign-in page.
///
/// # Errors
/// `VALIDATION_ERROR` if the post does not name a form of the page; `RESOURCE_NOT_FOUND` for a page without forms.
pub(crate) async fn save(
    page: PageRequest,
    tenant: Result<Path<String>, PathRejection>,
    Fields(fields): Fields<Vec<(String, String)>>,
) -> Result<Response, ApiError> {
    let Path(tenant) = tenant.map_err(|_| ApiError::not_found())?;
    let Some(account) = page.account() else {
        return Ok(page.show().await);
    };
    let caller = TenantCaller::Member { account, tenant };
    let values = FormValues::from(fields);
    match PortalPage::at(page.path()) {
        Some(PortalPage::Settings) => save_document(page, caller, TenantForm::Settings, values).await,
        Some(PortalPage::Branding) => save_document(page, caller, TenantForm::Branding, values).await,
        Some(PortalPage::Segments) => Ok(save_entry(page, caller, CatalogKind::Segment, values).await),
        Some(PortalPage::Packages) => Ok(save_entry(page, caller, CatalogKind::Package, values).await),
        Some(PortalPage::Members) => Ok(save_member(page, caller, values).await),
        _ => Err(ApiError::not_found()),
    }
}

/// Saves the settings or the branding.
async fn save_document(
    page: PageRequest,
    caller: TenantCaller,
    form: TenantForm,
    mut values: FormValues,
) -> Result<Response, ApiError> {
    let (sent, version) = (values.take("form"), values.take("version"));
    if sent != form.as_str() {
        return Err(ApiError::from_field(FieldProblem::new(
            "form",
            "unknown",
            "Open the form again, and send it once more.",
        )));
    }
    match save_form(&page.server.console.engine, &caller, form, version.clone(), &values).await {
        Ok(()) => Ok(saved(&page)),
        Err(error) => {
            let problem = error.report();
            let form_result = FormResult::Tenant { form, version, values, problem: problem.clone() };
            Ok(page.render_problem(&problem, form_result).await)
        }
    }
}

/// Does what a form of the segments or the packages says.
async fn save_entry(
    page: PageRequest,
    caller: TenantCaller,
    kind: CatalogKind,
    values: FormValues,
) -> Response {
    match save_catalog_form(&page.server.console.engine, &caller, kind, &values).await {
        Ok(()) => saved(&page),
        Err(error) => {
            let problem = error.report();
            page.render_problem(&problem, FormResult::Catalog { values, problem: problem.clone() }).await
        }
    }
}

/// Does what a form of the members says, and redirects to the page, which then says what was done.
async fn save_member(page: PageRequest, caller: TenantCaller, values: FormValues) -> Response {
    let console = &page.server.console;
    match save_member_form(&console.engine, &caller, &values, &console.origin).await {
        Ok(MemberAction::Leave) => see_other(paths::PORTAL, None),
        Ok(action) => see_other(&format!("{}?{}={action}", page.path(), paths::SAVED), None),
        Err(error) => {
            let problem = error.report();
            page.render_problem(&problem, FormResult::Members { values, problem: problem.clone() }).await
        }
    }
}

/// Redirects to the page, which then says that the change is stored.
fn saved(page: &PageRequest) -> Response {
    see_other(&format!("{}?{}=1", page.path(), paths::SAVED), None)
}

/// The style sheet that defines the three colours of a branding. The content security policy forbids inline
/// styles, and the preview of a branding needs its colours without scripts, too.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for a name that does not consist of three colours.
pub(crate) async fn colors(path: Result<Path<String>, PathRejection>) -> Result<Response, ApiError> {
    let Path(name) = path.map_err(|_| ApiError::not_found())?;
    let style_sheet = style_sheet(&name).ok_or_else(ApiError::not_found)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Ok((headers, style_sheet).into_response())
}

fn style_sheet(name: &str) -> Option<String> {
    let mut colors =
        name.strip_suffix(".css")?.split('-').map(|digits| Color::parse(&format!("#{digits}")).ok());
    let (primary, secondary, accent) = (colors.next()??, colors.next()??, colors.next()??);
    colors.next().is_none().then(|| {
        format!(
            ":root{{--tenant-primary:{primary};--tenant-secondary:{secondary};--tenant-accent:{accent}}}\n"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_sheet_contains_colours_only() {
        let path = paths::portal_colors(["#334155", "#475569", "#64748b"]);
        let name = path.rsplit('/').next().unwrap();
        assert_eq!(
            style_sheet(name).unwrap(),
            ":root{--tenant-primary:#334155;--tenant-secondary:#475569;--tenant-accent:#64748b}\n"
        );
        for name in
            ["334155-475569.css", "334155-475569-64748b", "a-b-c.css", "334155-475569-64748b-000000.css"]
        {
            assert_eq!(style_sheet(name), None, "{name}");
        }
    }
}
