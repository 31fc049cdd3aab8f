//! The history as a file. The response is streamed page by page, so that memory use does not depend on the
//! length of the history.

use axum::{
    body::Body,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{
    FieldProblem,
    history::{HistoryFilter, HistoryPage, RequestSummary},
};
use engine::{Engine, Error, provisioning};
use futures_util::stream;
use serde::Deserialize;

use super::requests::invalid_query;
use crate::http::{authentication::SignedIn, error::ApiError};

#[derive(Debug, Deserialize)]
pub(crate) struct FormatQuery {
    #[serde(default)]
    format: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Json,
}

/// `GET /provisioning-requests/export?format=csv|json`: all requests that match the filters, newest first.
pub(crate) async fn download(
    State(engine): State<Engine>,
    SignedIn(_): SignedIn,
    format: Result<Query<FormatQuery>, QueryRejection>,
    filter: Result<Query<HistoryFilter>, QueryRejection>,
) -> Result<Response, ApiError> {
    let (Query(query), Query(filter)) =
        (format.map_err(|_| invalid_query())?, filter.map_err(|_| invalid_query())?);
    let (format, content_type, disposition) = match query.format.as_str() {
        "csv" => (Format::Csv, "text/csv; charset=utf-8", "attachment; filename=\"provisioning.csv\""),
        "json" => (Format::Json, "application/json", "attachment; filename=\"provisioning.json\""),
        _ => {
            return Err(ApiError::from_field(FieldProblem::new(
                "format",
                "unknown",
                "Choose a format: format=csv or format=json.",
            )));
        }
    };
    // Loads the first page before the response begins, so that an error has its own status.
    let first = provisioning::list_requests(&engine, &filter).await?;
    let pages = stream::try_unfold(Some((first, true)), move |state| {
        next_chunk(engine.clone(), filter.clone(), format, state)
    });
    let headers = [(header::CONTENT_TYPE, content_type), (header::CONTENT_DISPOSITION, disposition)];
    let headers = headers.map(|(header, value)| (header, HeaderValue::from_static(value)));
    Ok((headers, Body::from_stream(pages)).into_response())
}

/// The next page to send, and whether it is the first.
type Remaining = Option<(HistoryPage, bool)>;

/// Formats the current page and loads the next one.
async fn next_chunk(
    engine: Engine,
    filter: HistoryFilter,
    format: Format,
    state: Remaining,
) -> Result<Option<(Vec<u8>, Remaining)>, Error> {
    let Some((page, is_first)) = state else { return Ok(None) };
    let next = match page.next {
        Some(after) => {
            let page = provisioning::list_requests(&engine, &HistoryFilter { after, ..filter }).await;
            // The status has already been sent, so an error can only truncate the response.
            Some((page.inspect_err(|error| drop(error.report()))?, false))
        }
        None => None,
    };
    let text = match format {
        Format::Csv => csv_chunk(&page.requests, is_first)
            .map_err(|error| Error::UnexpectedResponse(error.to_string()))?,
        Format::Json => json_chunk(&page.requests, is_first, next.is_none()),
    };
    Ok(Some((text, next)))
}

fn json_chunk(requests: &[RequestSummary], is_first: bool, is_last: bool) -> Vec<u8> {
    let rows: Vec<String> =
        requests.iter().filter_map(|request| serde_json::to_string(request).ok()).collect();
    let (open, close) = (if is_first { "[\n" } else { ",\n" }, if is_last { "\n]\n" } else { "" });
    format!("{open}{}{close}", rows.join(",\n")).into_bytes()
}

fn csv_chunk(requests: &[RequestSummary], is_first: bool) -> csv::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if is_first {
        writer.write_record([
            "id",
            "status",
            "code",
            "tenant",
            "slug",
            "name",
            "owner e-mail",
            "by",
            "created at",
            "elapsed ms",
            "attempts",
        ])?;
    }
    for request in requests {
        writer.write_record([
            request.id.to_string(),
            request.status.to_string(),
            request.code.map(|code| code.to_string()).unwrap_or_default(),
            request.tenant_code.clone().unwrap_or_default(),
            escape_formula(&request.slug),
            escape_formula(&request.name),
            escape_formula(&request.owner_email),
            escape_formula(&request.requested_by),
            request.created_at.to_string(),
            request.elapsed_ms.map(|ms| format!("{ms:.3}")).unwrap_or_default(),
            request.attempts.to_string(),
        ])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// Escapes a cell that a spreadsheet would interpret as a formula (OWASP, CSV injection).
fn escape_formula(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_escaped() {
        assert_eq!(escape_formula("=1+1"), "'=1+1");
        assert_eq!(escape_formula("Golden Spoon"), "Golden Spoon");
    }

    #[test]
    fn an_empty_history_is_an_empty_list() {
        assert_eq!(String::from_utf8(json_chunk(&[], true, true)).unwrap(), "[\n\n]\n");
    }
}
