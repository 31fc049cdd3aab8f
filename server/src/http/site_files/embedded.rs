//! HTTP responses with embedded files: compressed copies, entity tags and content types.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::http::conditional::is_known;

/// The encodings for which the site contains compressed files, best first, with their suffixes.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// One file in one encoding.
#[derive(Debug, Clone, Copy)]
struct File {
    data: &'static [u8],
    entity_tag: &'static str,
}

/// Paths below the root of the site, contents and entity tags, sorted by path.
#[cfg(feature = "embedded-site")]
static FILES: &[(&str, &[u8], &str)] = include!(concat!(env!("OUT_DIR"), "/site_files.rs"));

#[cfg(feature = "embedded-site")]
fn find(path: &str) -> Option<File> {
    let index = FILES.binary_search_by_key(&path, |(path, ..)| path).ok()?;
    FILES.get(index).map(|(_, data, entity_tag)| File { data, entity_tag })
}

/// Returns the content of an embedded file, by its path below the root of the site.
#[cfg(feature = "embedded-site")]
pub(super) fn read(path: &str) -> Option<&'static [u8]> {
    find(path).map(|file| file.data)
}

/// Responds with the embedded file that a request names.
#[cfg(feature = "embedded-site")]
pub(super) fn respond<B>(request: &Request<B>) -> Response {
    response(request, find)
}

/// Responds with the file that `find` returns for the request's path.
fn response<B>(request: &Request<B>, find: impl Fn(&str) -> Option<File>) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let Some(plain) = find(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let encoded = ENCODINGS
        .into_iter()
        .filter(|(encoding, _)| is_accepted(request.headers(), encoding))
        .find_map(|(encoding, suffix)| find(&format!("{path}{suffix}")).map(|file| (encoding, file)));
    let (encoding, File { data, entity_tag }) =
        encoded.map_or((None, plain), |(encoding, file)| (Some(encoding), file));

    let is_current = is_known(request.headers(), entity_tag);
    let mut response = match (is_current, request.method() == Method::HEAD) {
        (true, _) => StatusCode::NOT_MODIFIED.into_response(),
        (false, true) => Response::new(Body::empty()),
        (false, false) => Response::new(data.into()),
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::ETAG, HeaderValue::from_static(entity_tag));
    if !is_current {
        headers.insert(header::CONTENT_LENGTH, data.len().into());
        let content_type = mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream");
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
    }
    response
}

/// Whether `Accept-Encoding` lists an encoding with a weight above 0.
fn is_accepted(headers: &HeaderMap, encoding: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| {
        let mut words = part.split(';').map(str::trim);
        let is_named = words.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let weight = words.find_map(|word| word.strip_prefix("q="));
        is_named && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A site with one file and its copy compressed with Brotli.
    fn find(path: &str) -> Option<File> {
        match path {
            "pkg/app.css" => Some(File { data: b"body {}", entity_tag: "\"1\"" }),
            "pkg/app.css.br" => Some(File { data: b"short", entity_tag: "\"2\"" }),
            _ => None,
        }
    }

    fn get(path: &str, headers: &[(&str, &str)]) -> Response {
        let request = headers
            .iter()
            .fold(Request::get(path), |request, (name, value)| request.header(*name, *value))
            .body(())
            .unwrap();
        response(&request, find)
    }

    fn header(response: &Response, name: header::HeaderName) -> Option<&str> {
        response.headers().get(name).map(|value| value.to_str().unwrap())
    }

    #[test]
    fn the_compressed_copy_is_sent_to_clients_that_accept_it() {
        let response = get("/pkg/app.css", &[("accept-encoding", "gzip, br;q=0.8")]);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, header::CONTENT_ENCODING), Some("br"));
        assert_eq!(header(&response, header::CONTENT_TYPE), Some("text/css"));
        assert_eq!(header(&response, header::CONTENT_LENGTH), Some("5"));
        assert_eq!(header(&response, header::VARY), Some("accept-encoding"));
    }

    #[test]
    fn the_plain_file_is_sent_to_other_clients() {
        for headers in [&[][..], &[("accept-encoding", "br;q=0, gzip")]] {
            let response = get("/pkg/app.css", headers);
            assert_eq!(header(&response, header::CONTENT_ENCODING), None);
            assert_eq!(header(&response, header::CONTENT_LENGTH), Some("7"));
        }
    }

    #[test]
    fn a_client_with_the_current_file_receives_304() {
        let first = get("/pkg/app.css", &[]);
        let tag = header(&first, header::ETAG).unwrap();
        assert_eq!(get("/pkg/app.css", &[("if-none-match", tag)]).status(), StatusCode::NOT_MODIFIED);
        let other_encoding = get("/pkg/app.css", &[("if-none-match", tag), ("accept-encoding", "br")]);
        assert_eq!(other_encoding.status(), StatusCode::OK);
    }

    #[test]
    fn an_unknown_path_is_not_found() {
        assert_eq!(get("/pkg/other.css", &[]).status(), StatusCode::NOT_FOUND);
    }
}
