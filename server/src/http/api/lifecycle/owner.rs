use axum::{extract::State, response::Response};
use domain::{
    email::Email,
    lifecycle::{NamedOwner, parse_owner_email, parse_owner_name},
    openapi::Name,
};
use engine::{
    access::idn_to_ascii,
    tenants::{NewOwner, set_owner},
};
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::{
    api::{
        entity_tag::versioned, examples, json_body::JsonBody, json_fields::JsonFields, parameters::TenantPath,
    },
    authentication::SignedInAdmin,
    error::ApiError,
    state::ServerState,
};

/// The body that names an owner.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the body, which `parse_owner` reads")]
struct OwnerBody {
    /// Not used for an account that exists.
    #[schema(value_type = Name)]
    name: String,
    email: Email,
    /// Whether the owner may be an account that exists.
    use_existing_account: Option<bool>,
}

/// Name the owner of a tenant
///
/// A tenant that waited for its owner becomes active: after its steps, or immediately if it has none. For a
/// tenant with an owner, transfers the ownership. The same call again changes nothing.
#[utoipa::path(
    put,
    path = "/tenants/{tenant}/owner",
    operation_id = "setOwner",
    tag = "Tenants",
    params(TenantPath),
    request_body(
        content = OwnerBody,
        example = json!({ "name": "Nova Ray", "email": "nova@goldenspoon.example" }),
    ),
    responses((
        status = 200,
        description = "The tenant with its owner. Only this response contains the link.",
        body = NamedOwner,
        headers(("ETag" = String, description = "The version of the tenant.")),
        example = json!(examples::named_owner()),
    )),
)]
pub(crate) async fn set(
    State(server): State<ServerState>,
    SignedInAdmin(employee): SignedInAdmin,
    TenantPath(tenant): TenantPath,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let owner = parse_owner(body)?;
    let console = &server.console;
    let named = set_owner(&console.engine, &employee.into(), &tenant, &owner, &console.origin).await?;
    let version = named.tenant.version;
    Ok(versioned(named, version))
}

fn parse_owner(body: Value) -> Result<NewOwner, ApiError> {
    let mut fields = JsonFields::new(body, &["name", "email", "useExistingAccount"]);
    let (name, email) = (fields.text("name").unwrap_or_default(), fields.text("email").unwrap_or_default());
    let use_existing_account = fields.boolean("useExistingAccount").unwrap_or_default();
    let name = fields.check(parse_owner_name(&name));
    let email = fields.check(parse_owner_email(&email, idn_to_ascii));
    let owner = name.zip(email).map(|(name, email)| NewOwner { name, email, use_existing_account });
    fields.finish(owner)
}

#[cfg(test)]
mod tests {
    use domain::FieldProblem;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_owner_has_an_address_and_a_name() {
        let rules = |body: Value| {
            let problems = parse_owner(body).map(drop).map_err(|error| error.problem.errors.clone());
            let rule = |problem: &FieldProblem| format!("{} {}", problem.field, problem.rule);
            problems.err().unwrap_or_default().iter().map(rule).collect::<Vec<_>>().join(", ")
        };
        for (body, expected) in [
            (json!({ "name": "Olive", "email": "olive@example.com" }), ""),
            (json!({ "name": "Olive", "email": "olive@example.com", "useExistingAccount": true }), ""),
            (json!({ "email": "olive@example.com", "useExistingAccount": true }), "name required"),
            (json!({}), "name required, email required"),
            (json!({ "name": "Olive", "email": "olive" }), "email missing_at"),
            (
                json!({ "name": "O", "email": "o@example.com", "useExistingAccount": "yes" }),
                "useExistingAccount type",
            ),
            (json!({ "name": "O", "email": "o@example.com", "role": "owner" }), "role unknown_field"),
        ] {
            assert_eq!(rules(body.clone()), expected, "{body}");
        }
    }
}
