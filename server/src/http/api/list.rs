//! Shared by the lists of the API: the parameters `limit` and `after`, and the `Link` to the next page.

use axum::{
    Json,
    extract::{FromRequestParts, OriginalUri},
    http::{Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use engine::page::{Page, PageRequest};
use serde::Serialize;
use utoipa::IntoParams;

use super::query_parameters::{QueryParameters, refuse_if_invalid};
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

/// A call that reads one page of a list without filters.
#[derive(Debug)]
pub(crate) struct ListRequest {
    pub page: PageRequest,
    uri: Uri,
}

impl<S: Send + Sync> FromRequestParts<S> for ListRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Ok(OriginalUri(uri)) = OriginalUri::from_request_parts(parts, state).await;
        Ok(Self { page: parse_page(uri.query())?, uri })
    }
}

impl ListRequest {
    /// Responds with the page. `body` creates the body from the rows and the cursor of the next page.
    pub(crate) fn respond<T, B: Serialize>(
        &self,
        page: Page<T>,
        body: impl FnOnce(Vec<T>, Option<String>) -> B,
    ) -> Response {
        respond(&self.uri, page, body)
    }
}

/// Parses the query string of a list without filters.
///
/// # Errors
/// `VALIDATION_ERROR` with every unknown, repeated or invalid parameter.
fn parse_page(query: Option<&str>) -> Result<PageRequest, ApiError> {
    let mut parameters = QueryParameters::read(query, &["limit", "after"]);
    let page = PageRequest::parse(&parameters.take("limit"), &parameters.take("after"));
    let mut problems = parameters.problems;
    problems.extend(page.as_ref().err().into_iter().flatten().cloned());
    refuse_if_invalid(problems)?;
    Ok(page.unwrap_or_default())
}

/// Responds with a page of the list at `uri`. `body` creates the body from the rows and the cursor of the next
/// page.
pub(crate) fn respond<T, C: ToString, B: Serialize>(
    uri: &Uri,
    page: Page<T, C>,
    body: impl FnOnce(Vec<T>, Option<String>) -> B,
) -> Response {
    let next = page.next.map(|cursor| cursor.to_string());
    let link = next.as_deref().map(|next| [(header::LINK, link_to_next(uri, next))]);
    (link, Json(body(page.rows, next))).into_response()
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
