//! The history as a file: page after page as it is read, so that any length takes little memory.

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

use super::requests::bad_query;
use crate::http::{error::ApiError, visitor::SignedIn};

#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    format: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Json,
}

/// `GET /provisioning-requests/export?format=csv|json`: every request that the filters of the
/// list match, newest first.
pub async fn download(
    State(engine): State<Engine>,
    SignedIn(_): SignedIn,
    wanted: Result<Query<Wanted>, QueryRejection>,
    filter: Result<Query<HistoryFilter>, QueryRejection>,
) -> Result<Response, ApiError> {
    let (Query(wanted), Query(filter)) = (wanted.map_err(|_| bad_query())?, filter.map_err(|_| bad_query())?);
    let (format, kind, name) = match wanted.format.as_str() {
        "csv" => (Format::Csv, "text/csv; charset=utf-8", "attachment; filename=\"provisioning.csv\""),
        "json" => (Format::Json, "application/json", "attachment; filename=\"provisioning.json\""),
        _ => {
            return Err(ApiError::of_field(FieldProblem::new(
                "format",
                "unknown",
                "Send format=csv or format=json.",
            )));
        }
    };
    // Before the first byte is sent, so that a failure has its own status.
    let first = provisioning::list_requests(&engine, &filter).await?;
    let pages = stream::try_unfold(Some((first, true)), move |state| {
        next_part(engine.clone(), filter.clone(), format, state)
    });
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)];
    let headers = headers.map(|(header, value)| (header, HeaderValue::from_static(value)));
    Ok((headers, Body::from_stream(pages)).into_response())
}

/// What is still to be sent: a page, and whether it is the first.
type Rest = Option<(HistoryPage, bool)>;

/// The text of the page at hand, and the page after it.
async fn next_part(
    engine: Engine,
    filter: HistoryFilter,
    format: Format,
    state: Rest,
) -> Result<Option<(Vec<u8>, Rest)>, Error> {
    let Some((page, is_first)) = state else { return Ok(None) };
    let next = match page.next {
        Some(after) => {
            let page = provisioning::list_requests(&engine, &HistoryFilter { after, ..filter }).await;
            // The answer is under way: cutting it short is the only way left to say so.
            Some((page.inspect_err(|error| drop(error.report()))?, false))
        }
        None => None,
    };
    let text = match format {
        Format::Csv => {
            csv_part(&page.requests, is_first).map_err(|error| Error::Answer(error.to_string()))?
        }
        Format::Json => json_part(&page.requests, is_first, next.is_none()),
    };
    Ok(Some((text, next)))
}

fn json_part(requests: &[RequestSummary], is_first: bool, is_last: bool) -> Vec<u8> {
    let rows: Vec<String> =
        requests.iter().filter_map(|request| serde_json::to_string(request).ok()).collect();
    let (open, close) = (if is_first { "[\n" } else { ",\n" }, if is_last { "\n]\n" } else { "" });
    format!("{open}{}{close}", rows.join(",\n")).into_bytes()
}

fn csv_part(requests: &[RequestSummary], is_first: bool) -> csv::Result<Vec<u8>> {
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
            harmless(&request.slug),
            harmless(&request.name),
            harmless(&request.owner_email),
            harmless(&request.requested_by),
            request.created_at.to_string(),
            request.elapsed_ms.map(|ms| format!("{ms:.3}")).unwrap_or_default(),
            request.attempts.to_string(),
        ])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// A cell that a spreadsheet would run as a formula, made plain text (OWASP, CSV injection).
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_in_a_name_stays_text() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("Golden Spoon"), "Golden Spoon");
    }

    #[test]
    fn an_empty_history_is_an_empty_list() {
        assert_eq!(String::from_utf8(json_part(&[], true, true)).unwrap(), "[\n\n]\n");
    }
}
