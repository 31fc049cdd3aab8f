use axum::{extract::State, response::Response};
use domain::{
    FieldProblem,
    email::Email,
    lifecycle::{NamedOwner, parse_owner_email, parse_owner_name},
    openapi::Name,
};
use engine::{
    access::idn_to_ascii,
    tenants::{OwnerAccountChanges, change_owner_account},
};
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::http::{
    api::{
        body_rules::{has, with_rule},
        entity_tag::versioned,
        examples,
        json_body::JsonBody,
        json_fields::JsonFields,
        parameters::TenantPath,
    },
    authentication::SignedInAdmin,
    error::ApiError,
    state::ServerState,
};

const FIELDS: [&str; 2] = ["name", "email"];
/// The address in the examples.
const NEW_EMAIL: &str = "mara.ortiz@goldenspoon.example";

/// The body that changes the account of an owner, with at least one field. A missing field leaves the value
/// unchanged.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body, which `parse_changes` reads")]
struct OwnerAccountProperties {
    #[schema(value_type = Option<Name>)]
    name: Option<String>,
    email: Option<Email>,
}

/// The body that changes the account of an owner.
#[derive(Debug)]
struct OwnerAccountBody;

impl PartialSchema for OwnerAccountBody {
    fn schema() -> RefOr<Schema> {
        with_rule(OwnerAccountProperties::schema(), "anyOf", FIELDS.map(has).into_iter().collect())
    }
}

impl ToSchema for OwnerAccountBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        OwnerAccountProperties::schemas(schemas);
    }
}

/// Change the account of a tenant's owner
///
/// Changes the name and the e-mail address of the account, for all tenants that it owns. The password keeps
/// working, and the owner signs in with the new address. If the owner has not accepted the invitation, a new
/// address gets a new link, and the former links of the account stop working. External systems are not
/// updated. The same call again changes nothing.
#[utoipa::path(
    patch,
    path = "/tenants/{tenant}/owner",
    operation_id = "changeOwnerAccount",
    tag = "Tenants",
    params(TenantPath),
    request_body(content = OwnerAccountBody, example = json!({ "email": NEW_EMAIL })),
    responses((
        status = 200,
        description = "The tenant with its owner. Only this response contains the link.",
        body = NamedOwner,
        headers(("ETag" = String, description = "The version of the tenant.")),
        example = json!(examples::changed_owner_account(NEW_EMAIL)),
    )),
)]
pub(crate) async fn change(
    State(server): State<ServerState>,
    SignedInAdmin(employee): SignedInAdmin,
    TenantPath(tenant): TenantPath,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    let changes = parse_changes(body)?;
    let console = &server.console;
    let by = &employee.into();
    let changed = change_owner_account(&console.engine, by, &tenant, &changes, &console.origin).await?;
    let version = changed.tenant.version;
    Ok(versioned(changed, version))
}

/// Reads the changes. At least one field is required. Null has no effect.
fn parse_changes(body: Value) -> Result<OwnerAccountChanges, ApiError> {
    let mut fields = JsonFields::new(body, &FIELDS);
    let name = fields.text("name");
    let name = name.and_then(|name| fields.check(parse_owner_name(&name)));
    let email = fields.text("email");
    let email = email.and_then(|email| fields.check(parse_owner_email(&email, idn_to_ascii)));
    let changes = OwnerAccountChanges { name, email };
    let is_empty = changes == OwnerAccountChanges::default();
    if is_empty && !fields.has_problems() {
        let message = format!("Send a JSON object with at least one of: {}.", FIELDS.join(", "));
        fields.refuse([FieldProblem::new("", "required", &message)]);
    }
    fields.finish(Some(changes))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_changes_the_name_or_the_address_and_every_problem_is_reported() {
        let rules = |body: Value| {
            let problems = parse_changes(body).map(drop).map_err(|error| error.problem.errors.clone());
            let rule = |problem: &FieldProblem| format!("{} {}", problem.field, problem.rule);
            problems.err().unwrap_or_default().iter().map(rule).collect::<Vec<_>>().join(", ")
        };
        for (body, expected) in [
            (json!({ "name": "Olive" }), ""),
            (json!({ "email": "olive@example.com" }), ""),
            (json!({ "name": "Olive", "email": null }), ""),
            (json!({}), " required"),
            (json!({ "name": null, "email": null }), " required"),
            (json!([]), " type"),
            (json!({ "name": " ", "email": "olive" }), "name required, email missing_at"),
            (json!({ "name": 7, "email": "" }), "name type, email required"),
            (json!({ "role": "owner" }), "role unknown_field"),
        ] {
            assert_eq!(rules(body.clone()), expected, "{body}");
        }
    }
}
