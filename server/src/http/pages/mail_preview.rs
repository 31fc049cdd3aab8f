//! The messages in the style guide of development builds.

use axum::{
    extract::Path,
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};
use domain::ErrorCode;
use engine::mail::{OutgoingMail, samples};
use uuid::Uuid;

use crate::http::error::ApiError;

/// Messages have inline styles, because mail clients ignore style sheets.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/// Shows the HTML or the plain text of a message. `file` is its number and `html` or `txt`.
pub(super) async fn show(Path(file): Path<String>) -> Result<Response, ApiError> {
    let not_found = || ApiError::from(ErrorCode::ResourceNotFound);
    let (number, format) = file.split_once('.').ok_or_else(not_found)?;
    let number: usize = number.parse().map_err(|_| not_found())?;
    let (recipient, content, token) = samples().into_iter().nth(number).ok_or_else(not_found)?;
    let mail = OutgoingMail {
        id: Uuid::nil(),
        recipient_name: recipient.to_owned(),
        recipient_address: "olive@golden-spoon.example.com".to_owned(),
        origin: "https://console.example.com".to_owned(),
        content,
        token: token.map(Into::into),
    };
    let rendered = mail.render("Tenantry").map_err(|_| not_found())?;
    let (kind, body): (&str, String) = match format {
        "html" => ("text/html; charset=utf-8", rendered.html),
        "txt" => ("text/plain; charset=utf-8", rendered.text),
        _ => return Err(not_found()),
    };
    let policy: (HeaderName, &str) = (header::CONTENT_SECURITY_POLICY, POLICY);
    Ok(([policy, (header::CONTENT_TYPE, kind)], body).into_response())
}
