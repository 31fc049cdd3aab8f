//! The history as a file. The response is streamed page by page, so that memory use does not depend on the
//! length of the history.

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::history::{HistoryFilter, HistoryPage, RequestSummary};
use engine::{Engine, Error, page::Limit, provisioning};
use futures_util::stream;
use utoipa::ToSchema;

use super::{examples, history_query::HistoryQuery};
use crate::http::{authentication::SignedInAdmin, error::ApiError};

const BYTE_ORDER_MARK: &str = "\u{feff}";
/// The characters with which a formula begins, also in full width.
const FORMULA_STARTS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
/// The characters that may separate cells.
const SEPARATORS: [char; 6] = [',', ';', '\t', '|', '\n', '\r'];

#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "lowercase")]
enum Format {
    Csv,
    Json,
}

/// Export provisioning requests
///
/// Returns all requests that match the filters, newest first. For admins only, because an export contains the
/// addresses of all owners. A CSV export is UTF-8 with a byte-order mark.
#[utoipa::path(
    get,
    path = "/provisioning-requests/export",
    operation_id = "exportRequests",
    tag = "Requests",
    params(
        HistoryFilter,
        ("format" = inline(Format), Query, description = "The format of the file.", example = "json"),
    ),
    responses((
        status = 200,
        description = "The file.",
        content(
            ([RequestSummary] = "application/json", example = json!([examples::request()])),
            (String = "text/csv; charset=utf-8"),
        ),
        headers(("Content-Disposition" = String, description = "The name of the file.")),
    )),
)]
pub(crate) async fn download(
    State(engine): State<Engine>,
    _: SignedInAdmin,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let HistoryQuery { filter, format, .. } = HistoryQuery::parse(query.as_deref(), true)?;
    let (format, content_type, disposition) = match format.as_str() {
        "csv" => (Format::Csv, "text/csv; charset=utf-8", "attachment; filename=\"provisioning.csv\""),
        _ => (Format::Json, "application/json", "attachment; filename=\"provisioning.json\""),
    };
    // Loads the first page before the response begins, so that an error has its own status.
    let first = provisioning::list_requests(&engine, &filter, Limit::default()).await?;
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
            let filter = HistoryFilter { after, ..filter };
            let page = provisioning::list_requests(&engine, &filter, Limit::default()).await;
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
    // The byte-order mark lets spreadsheets read the file as UTF-8.
    let start = if is_first { BYTE_ORDER_MARK.as_bytes() } else { &[] };
    let mut writer = csv::Writer::from_writer(start.to_vec());
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
            "redacted at",
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
            request.redacted_at.map(|at| at.to_string()).unwrap_or_default(),
        ])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// Escapes text that a spreadsheet would interpret as a formula (OWASP, CSV injection). A spreadsheet may use
/// a separator other than the comma, so a formula can also begin after a separator.
fn escape_formula(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut begins_cell = true;
    for character in text.chars() {
        if begins_cell && FORMULA_STARTS.contains(&character) {
            escaped.push('\'');
        }
        escaped.push(character);
        begins_cell = SEPARATORS.contains(&character) || (begins_cell && matches!(character, ' ' | '"'));
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_escaped() {
        assert_eq!(escape_formula("=1+1"), "'=1+1");
        assert_eq!(escape_formula("Golden;=HYPERLINK(1)"), "Golden;'=HYPERLINK(1)");
        assert_eq!(escape_formula("Golden\t \"@x"), "Golden\t \"'@x");
        assert_eq!(escape_formula("a-b = c + d"), "a-b = c + d");
        assert_eq!(escape_formula("Golden Spoon"), "Golden Spoon");
    }

    #[test]
    fn an_empty_history_is_an_empty_list() {
        assert_eq!(String::from_utf8(json_chunk(&[], true, true)).unwrap(), "[\n\n]\n");
    }
}
