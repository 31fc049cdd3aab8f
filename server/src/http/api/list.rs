//! Shared by the lists of the API: the parameters `limit` and `after`, and the `Link` to the next page.

use axum::{
    Json,
    http::{HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use domain::{ErrorCode, FieldProblem, Problem};
use engine::page::PageRequest;
use serde::Serialize;
use utoipa::IntoParams;

use super::query_parameters::QueryParameters;
use crate::http::error::ApiError;

/// Describes the query string of a list without filters.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "`parse_page` reads the query string")]
pub(crate) struct PageParameters {
    /// The maximum number of rows in the page.
    #[param(minimum = 1, maximum = 200, default = 50, example = 20)]
    limit: Option<u8>,
    /// The cursor of the page: the `next` of the previous page.
    #[param(pattern = r"^([0-9]{1,17}\.[0-9a-f]{32})?$")]
    after: Option<String>,
}

/// Parses the query string of a list without filters.
///
/// # Errors
/// `VALIDATION_ERROR` with every unknown, repeated or invalid parameter.
pub(crate) fn parse_page(query: Option<&str>) -> Result<PageRequest, ApiError> {
    let mut parameters = QueryParameters::read(query, &["limit", "after"]);
    let page = PageRequest::parse(&parameters.take("limit"), &parameters.take("after"));
    let mut problems = parameters.problems;
    problems.extend(page.as_ref().err().into_iter().flatten().cloned());
    refuse_if_invalid(problems)?;
    Ok(page.unwrap_or_default())
}

/// Refuses a query string with problems.
///
/// # Errors
/// `VALIDATION_ERROR` with the problems, if there are any.
pub(crate) fn refuse_if_invalid(problems: Vec<FieldProblem>) -> Result<(), ApiError> {
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Problem { errors: problems, ..ErrorCode::ValidationError.into() }.into()),
    }
}

/// Responds with one page of the list at `uri`. `body` contains the rows and `next`, the cursor of the next
/// page.
pub(crate) fn respond(uri: &Uri, body: impl Serialize, next: Option<&str>) -> Response {
    let mut response = Json(body).into_response();
    let link = next.and_then(|next| HeaderValue::from_str(&link_to_next(uri, next)).ok());
    link.into_iter().for_each(|link| drop(response.headers_mut().insert(header::LINK, link)));
    response
}

/// The link to the next page (RFC 8288): the same query with the cursor of that page.
fn link_to_next(uri: &Uri, next: &str) -> String {
    let kept = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept.filter(|(name, _)| name != "after"))
        .append_pair("after", next)
        .finish();
    format!("<{}?{query}>; rel=\"next\"", uri.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_to_the_next_page_keeps_the_filters() {
        for (uri, expected) in [
            ("/a/tokens", "</a/tokens?after=5.x>; rel=\"next\""),
            (
                "/a/requests?q=gold+%C3%BC&after=4.y&limit=2",
                "</a/requests?q=gold+%C3%BC&limit=2&after=5.x>; rel=\"next\"",
            ),
        ] {
            assert_eq!(link_to_next(&Uri::from_static(uri), "5.x"), expected);
        }
    }
}
