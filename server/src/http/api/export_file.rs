//! A list as a CSV or JSON file. The response is streamed page by page, so that memory use does not depend on
//! the length of the list.

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use domain::FieldProblem;
use engine::{Error, page::Page};
use futures_util::stream;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::error::ApiError;

const BYTE_ORDER_MARK: &str = "\u{feff}";
/// The characters with which a formula begins, also in full width.
const FORMULA_STARTS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
/// The characters that may separate cells.
const SEPARATORS: [char; 6] = [',', ';', '\t', '|', '\n', '\r'];

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Format {
    Csv,
    #[default]
    Json,
}

impl Format {
    /// Parses the parameter `format`.
    pub(super) fn parse(text: &str) -> Result<Self, FieldProblem> {
        match text {
            "csv" => Ok(Self::Csv),
            "json" => Ok(Self::Json),
            _ => {
                let message = "Choose a format: format=csv or format=json.";
                Err(FieldProblem::new("format", "invalid", message))
            }
        }
    }
}

/// A row of an exported list. The JSON file contains its JSON form.
pub(crate) trait ExportRow: Serialize + Send + 'static {
    /// The name of the file without its extension.
    const FILE: &'static str;
    /// The names of the columns of the CSV file.
    const COLUMNS: &'static [&'static str];

    /// The cells of the row in the CSV file.
    fn cells(&self) -> Vec<String>;
}

/// The page to send next, and whether it is the first. `None` after the last page.
type Remaining<T> = Option<(Page<T, String>, bool)>;

/// Responds with the file. `load` loads the page at a cursor, and the first page without one.
///
/// # Errors
/// The error of the first page. A later error truncates the response.
pub(super) async fn respond<T, Load, Loading>(format: Format, load: Load) -> Result<Response, ApiError>
where
    T: ExportRow,
    Load: Fn(Option<String>) -> Loading + Clone + Send + 'static,
    Loading: Future<Output = Result<Page<T, String>, Error>> + Send + 'static,
{
    let (content_type, extension) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Json => ("application/json", "json"),
    };
    // Loads the first page before the response begins, so that an error has its own status.
    let first = load(None).await?;
    let pages = stream::try_unfold(Some((first, true)), move |state| next_chunk(load.clone(), format, state));
    let disposition = format!("attachment; filename=\"{}.{extension}\"", T::FILE);
    let headers =
        [(header::CONTENT_TYPE, content_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from_stream(pages)).into_response())
}

/// Formats the current page and loads the next one.
async fn next_chunk<T, Load, Loading>(
    load: Load,
    format: Format,
    state: Remaining<T>,
) -> Result<Option<(Vec<u8>, Remaining<T>)>, Error>
where
    T: ExportRow,
    Load: Fn(Option<String>) -> Loading,
    Loading: Future<Output = Result<Page<T, String>, Error>>,
{
    let Some((page, is_first)) = state else { return Ok(None) };
    let next = match page.next {
        // The status has already been sent, so an error can only truncate the response.
        Some(after) => Some((load(Some(after)).await.inspect_err(|error| drop(error.report()))?, false)),
        None => None,
    };
    let text = match format {
        Format::Csv => {
            csv_chunk(&page.rows, is_first).map_err(|error| Error::UnexpectedResponse(error.to_string()))?
        }
        Format::Json => json_chunk(&page.rows, is_first, next.is_none()),
    };
    Ok(Some((text, next)))
}

fn json_chunk<T: Serialize>(rows: &[T], is_first: bool, is_last: bool) -> Vec<u8> {
    let rows: Vec<String> = rows.iter().filter_map(|row| serde_json::to_string(row).ok()).collect();
    let (open, close) = (if is_first { "[\n" } else { ",\n" }, if is_last { "\n]\n" } else { "" });
    format!("{open}{}{close}", rows.join(",\n")).into_bytes()
}

fn csv_chunk<T: ExportRow>(rows: &[T], is_first: bool) -> csv::Result<Vec<u8>> {
    // The byte-order mark lets spreadsheets read the file as UTF-8.
    let start = if is_first { BYTE_ORDER_MARK.as_bytes() } else { &[] };
    let mut writer = csv::Writer::from_writer(start.to_vec());
    if is_first {
        writer.write_record(T::COLUMNS)?;
    }
    for row in rows {
        writer.write_record(row.cells().iter().map(|cell| escape_formula(cell)))?;
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
    fn an_empty_list_is_an_empty_array() {
        assert_eq!(String::from_utf8(json_chunk::<()>(&[], true, true)).unwrap(), "[\n\n]\n");
    }
}
