use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
};
use domain::FieldProblem;
use engine::access::{PasswordChange, change_password};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{json_body, json_fields::JsonFields};
use crate::{
    console::ClientAddress,
    http::{authentication::SignedIn, credential::Credential, error::ApiError, state::ServerState},
};

/// `PUT /me/password` with `currentPassword` and `newPassword`: changes the password, and ends all other
/// sessions of the employee.
pub(crate) async fn change(
    State(server): State<ServerState>,
    SignedIn(employee): SignedIn,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    headers: HeaderMap,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let (current, new) = parse_passwords(json_body::read(request).await?)?;
    let credential = Credential::read(&headers, server.is_https);
    let change = PasswordChange {
        current: current.expose_secret(),
        new: new.expose_secret(),
        session: credential.as_ref().and_then(Credential::session_token),
        address: &address,
    };
    change_password(&server.console.engine, &employee, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Parses the body. The engine checks the passwords.
fn parse_passwords(body: Value) -> Result<(SecretString, SecretString), ApiError> {
    let mut fields = JsonFields::new(body, &["currentPassword", "newPassword"]);
    let [current, new] = [("currentPassword", "the current password"), ("newPassword", "the new password")]
        .map(|(name, label)| {
            let text = fields.text(name).filter(|text| !text.is_empty()).map(SecretString::from);
            fields.check(text.ok_or_else(|| FieldProblem::new(name, "required", &format!("Enter {label}."))))
        });
    fields.finish(current.zip(new))
}
