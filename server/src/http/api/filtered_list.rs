//! Shared by the lists with filters, the history and the registry, and by their exports.

use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::{Uri, request::Parts},
    response::Response,
};
use domain::{FieldProblem, list_filter::ListFilter};
use engine::{
    Engine, Error,
    page::{Limit, Page},
};
use serde::Serialize;

use super::{
    export_file::{self, ExportRow, Format},
    list::respond,
    query_parameters::{QueryParameters, refuse_if_invalid},
};
use crate::http::error::ApiError;

/// A filter whose values are checked.
pub(crate) trait CheckedFilter: ListFilter {
    /// Returns a problem for each filter that is set to an invalid value.
    fn problems(&self) -> Vec<FieldProblem>;
}

/// A list that a filter selects.
pub(crate) trait FilteredList: CheckedFilter {
    /// A row of the list, and of the exported file.
    type Row: ExportRow;

    /// Loads the page that the filter selects.
    fn load(
        &self,
        engine: &Engine,
        limit: Limit,
    ) -> impl Future<Output = Result<Page<Self::Row, String>, Error>> + Send;
}

/// A call that reads one page of a list.
#[derive(Debug)]
pub(crate) struct FilteredListRequest<F> {
    filter: F,
    limit: Limit,
    uri: Uri,
}

/// A call that exports all rows that a filter selects.
#[derive(Debug)]
pub(crate) struct ExportRequest<F> {
    filter: F,
    format: Format,
}

impl<F: FilteredList, S: Send + Sync> FromRequestParts<S> for FilteredListRequest<F> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Ok(OriginalUri(uri)) = OriginalUri::from_request_parts(parts, state).await;
        let (filter, limit) = parse(uri.query(), "limit", Limit::parse)?;
        Ok(Self { filter, limit, uri })
    }
}

impl<F: FilteredList, S: Sync> FromRequestParts<S> for ExportRequest<F> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let (filter, format) = parse(parts.uri.query(), "format", Format::parse)?;
        Ok(Self { filter, format })
    }
}

impl<F: FilteredList> FilteredListRequest<F> {
    /// Responds with the page. `body` creates the body from the rows and the cursor of the next page.
    pub(super) async fn respond<B: Serialize>(
        &self,
        engine: &Engine,
        body: impl FnOnce(Vec<F::Row>, Option<String>) -> B,
    ) -> Result<Response, ApiError> {
        Ok(respond(&self.uri, self.filter.load(engine, self.limit).await?, body))
    }
}

impl<F: FilteredList> ExportRequest<F> {
    /// Responds with the file.
    pub(super) async fn respond(self, engine: Engine) -> Result<Response, ApiError> {
        let load = move |after: Option<String>| {
            let engine = engine.clone();
            let filter = after.map_or_else(|| self.filter.clone(), |after| self.filter.at(after));
            async move { filter.load(&engine, Limit::MAX).await }
        };
        export_file::respond(self.format, load).await
    }
}

/// Parses a query string with the parameters of the filter and one more.
///
/// # Errors
/// `VALIDATION_ERROR` with every unknown, repeated or invalid parameter.
pub(super) fn parse<F: CheckedFilter, T>(
    query: Option<&str>,
    parameter: &'static str,
    parse_parameter: impl FnOnce(&str) -> Result<T, FieldProblem>,
) -> Result<(F, T), ApiError> {
    let mut allowed: Vec<_> = F::PARAMETERS.iter().map(|(name, _)| *name).collect();
    allowed.push(parameter);
    let mut parameters = QueryParameters::read(query, &allowed);
    let filter = F::from_parameters(|name| parameters.take(name));
    let value = parse_parameter(&parameters.take(parameter));
    let mut problems = parameters.problems;
    problems.extend(filter.problems());
    problems.extend(value.as_ref().err().cloned());
    refuse_if_invalid(problems)?;
    Ok((filter, value.map_err(ApiError::from_field)?))
}
