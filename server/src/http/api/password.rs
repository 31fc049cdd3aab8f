use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use domain::FieldProblem;
use engine::access::{PasswordChange, Person, change_password};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use utoipa::ToSchema;

use super::{json_body::JsonBody, json_fields::JsonFields};
use crate::{
    console::ClientAddress,
    http::{authentication::SignedIn, credential::Credential, error::ApiError, state::ServerState},
};

/// The body that changes a password.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
struct PasswordBody {
    #[schema(value_type = String, format = Password, min_length = 1)]
    current_password: SecretString,
    #[schema(value_type = String, format = Password, min_length = 15, max_length = 128)]
    new_password: SecretString,
}

/// Change one's own password
///
/// Ends all other sessions of the employee. A wrong current password counts as a failed sign-in. A token has
/// no password.
#[utoipa::path(
    put,
    path = "/me/password",
    operation_id = "changePassword",
    tag = "Sessions",
    request_body(
        content = PasswordBody,
        example = json!({
            "currentPassword": "violet kettle harbour nine", "newPassword": "amber lantern meadow seven"
        }),
    ),
    responses((status = 204, description = "The password is changed.")),
)]
pub(crate) async fn change(
    State(server): State<ServerState>,
    SignedIn(employee): SignedIn,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<StatusCode, ApiError> {
    let PasswordBody { current_password, new_password } = parse_passwords(body)?;
    let credential = Credential::read(&headers, server.is_https);
    let change = PasswordChange {
        current: current_password.expose_secret(),
        new: new_password.expose_secret(),
        session: credential.as_ref().and_then(Credential::session_token),
        address: &address,
        origin: &server.console.origin,
    };
    change_password(&server.console.engine, &Person::Employee(employee), change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Parses the body. The engine checks the passwords.
fn parse_passwords(body: Value) -> Result<PasswordBody, ApiError> {
    let mut fields = JsonFields::new(body, &["currentPassword", "newPassword"]);
    let [current, new] = [("currentPassword", "the current password"), ("newPassword", "the new password")]
        .map(|(name, label)| {
            let text = fields.text(name).filter(|text| !text.is_empty()).map(SecretString::from);
            fields.check(text.ok_or_else(|| FieldProblem::new(name, "required", &format!("Enter {label}."))))
        });
    let passwords = current.zip(new);
    fields.finish(
        passwords.map(|(current_password, new_password)| PasswordBody { current_password, new_password }),
    )
}
