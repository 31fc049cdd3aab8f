//! Changes of a tenant's life. The path contains the tenant's ID, code, slug or former slug. Each responds
//! with the changed tenant, and with its version in the header `ETag`.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::Response,
};
use domain::{
    FieldProblem, Problem, TenantStatus, Timestamp,
    defaults::Commission,
    email::Email,
    field::parse_line,
    lifecycle::{ChangedTenant, NamedOwner, TenantChanges, parse_suspension_reason},
    openapi::Name,
    plan::QuotaOverrides,
    provisioning::{MAX_NAME, NewTenant},
    slug::Slug,
};
use engine::{
    Engine,
    access::idn_to_ascii,
    tenants::{
        NewOwner, delete_tenant, restore_tenant, resume_tenant, set_owner, suspend_tenant, update_tenant,
    },
};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    entity_tag::{precondition, versioned},
    examples, json_body,
    json_fields::JsonFields,
    list::refuse_if_invalid,
    parameters::{IfMatch, TenantPath},
    query_parameters::QueryParameters,
};
use crate::http::{authentication::SignedIn, error::ApiError, state::ServerState};

/// The body that changes a tenant, with at least one field. A missing field leaves the value unchanged.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the body, which `TenantChanges` reads")]
struct TenantChangesBody {
    #[schema(value_type = Option<Name>)]
    name: Option<String>,
    /// Null removes the short name.
    #[schema(min_length = 1, max_length = 40)]
    short_name: Option<String>,
    slug: Option<Slug>,
    /// The name of a configured plan.
    plan: Option<String>,
    /// All limits that the tenant has instead of those of its plan. Null means unlimited, and a missing member means
    /// the limit of the plan.
    quotas: Option<QuotaOverrides>,
    /// All features that the tenant has (true), or lacks (false), unlike its plan.
    features: Option<BTreeMap<String, bool>>,
    commission: Option<Commission>,
    /// When maintenance suspends the tenant. Null removes the end of the trial.
    trial_ends_at: Option<Timestamp>,
}

/// The body that suspends a tenant.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body")]
struct SuspensionBody {
    /// Why the tenant is suspended, for admins.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// The body that confirms the deletion of a tenant.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body")]
struct DeletionBody {
    /// The slug of the tenant.
    slug: String,
}

/// The body that names an owner.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the body, which `parse_owner` reads")]
struct OwnerBody {
    /// Required unless the account exists.
    #[schema(value_type = Option<Name>)]
    name: Option<String>,
    email: Email,
    /// Whether the owner may be an account that exists.
    use_existing_account: Option<bool>,
}

type Tenant = Result<Path<String>, PathRejection>;

/// Change a tenant
///
/// The former slug still finds the tenant, and no other tenant can have it.
#[utoipa::path(
    patch,
    path = "/tenants/{tenant}",
    operation_id = "updateTenant",
    tag = "Tenants",
    params(TenantPath, IfMatch),
    request_body(content = TenantChangesBody, example = json!({ "plan": "pro", "commission": 10 })),
    responses((
        status = 200,
        description = "The changed tenant.",
        body = ChangedTenant,
        headers(("ETag" = String, description = "The version of the tenant.")),
        example = json!(examples::changed_tenant(TenantStatus::Active)),
    )),
)]
pub(crate) async fn update(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    tenant: Tenant,
    request: Request,
) -> Result<Response, ApiError> {
    employee.require_provisioning()?;
    let tenant = parse_reference(tenant)?;
    let precondition = precondition(request.headers());
    let body = json_body::read(request).await?;
    let changes = TenantChanges::from_json(&body).map_err(Problem::from_fields)?;
    let changed = update_tenant(&engine, &employee.into(), &tenant, &precondition, &changes).await?;
    let version = changed.version;
    Ok(versioned(changed, version))
}

/// Suspend a tenant
///
/// Its invitations and the steps of its jobs stop immediately. The tenant must be active.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/suspend",
    operation_id = "suspendTenant",
    tag = "Tenants",
    params(TenantPath),
    request_body(content = SuspensionBody, example = json!({ "reason": "The invoice is unpaid." })),
    responses((
        status = 200,
        description = "The suspended tenant.",
        body = ChangedTenant,
        headers(("ETag" = String, description = "The version of the tenant.")),
        example = json!(examples::changed_tenant(TenantStatus::Suspended)),
    )),
)]
pub(crate) async fn suspend(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    tenant: Tenant,
    request: Request,
) -> Result<Response, ApiError> {
    employee.require_provisioning()?;
    let tenant = parse_reference(tenant)?;
    let mut fields = JsonFields::new(json_body::read(request).await?, &["reason"]);
    let reason = fields.text("reason").unwrap_or_default();
    let parsed = fields.check(parse_suspension_reason(&reason));
    let reason = fields.finish(parsed)?;
    let changed = suspend_tenant(&engine, &employee.into(), &tenant, &reason).await?;
    let version = changed.version;
    Ok(versioned(changed, version))
}

/// Resume a suspended tenant
///
/// Its invitations and the steps of its jobs continue. A trial that has ended is removed.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/resume",
    operation_id = "resumeTenant",
    tag = "Tenants",
    params(TenantPath),
    responses((
        status = 200,
        description = "The resumed tenant.",
        body = ChangedTenant,
        headers(("ETag" = String, description = "The version of the tenant.")),
        example = json!(examples::changed_tenant(TenantStatus::Active)),
    )),
)]
pub(crate) async fn resume(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    tenant: Tenant,
) -> Result<Response, ApiError> {
    let changed = resume_tenant(&engine, &employee.into(), &parse_reference(tenant)?).await?;
    let version = changed.version;
    Ok(versioned(changed, version))
}

/// Delete a tenant
///
/// The slug of the tenant confirms the deletion, in the body or in the query string. The tenant can be
/// restored for 30 days, in which its slug stays taken. Then it is purged.
#[utoipa::path(
    delete,
    path = "/tenants/{tenant}",
    operation_id = "deleteTenant",
    tag = "Tenants",
    params(TenantPath, ("slug" = Option<String>, Query, description = "The slug of the tenant, if the call has no body.")),
    request_body(content = Option<DeletionBody>, example = json!({ "slug": "golden-spoon" })),
    responses((
        status = 200,
        description = "The deleted tenant.",
        body = ChangedTenant,
        headers(("ETag" = String, description = "The version of the tenant.")),
        example = json!(examples::changed_tenant(TenantStatus::Deleted)),
    )),
)]
pub(crate) async fn delete(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    tenant: Tenant,
    request: Request,
) -> Result<Response, ApiError> {
    employee.require_provisioning()?;
    let tenant = parse_reference(tenant)?;
    let mut query = QueryParameters::read(request.uri().query(), &["slug"]);
    let slug = query.take("slug");
    refuse_if_invalid(query.problems)?;
    let slug = match json_body::read_optional(request).await? {
        Some(body) => parse_slug(body)?,
        None => slug,
    };
    let changed = delete_tenant(&engine, &employee.into(), &tenant, &slug).await?;
    let version = changed.version;
    Ok(versioned(changed, version))
}

/// Restore a deleted tenant
///
/// The tenant gets the status that it had before.
#[utoipa::path(
    post,
    path = "/tenants/{tenant}/restore",
    operation_id = "restoreTenant",
    tag = "Tenants",
    params(TenantPath),
    responses((
        status = 200,
        description = "The restored tenant.",
        body = ChangedTenant,
        headers(("ETag" = String, description = "The version of the tenant.")),
        example = json!(examples::changed_tenant(TenantStatus::Active)),
    )),
)]
pub(crate) async fn restore(
    State(engine): State<Engine>,
    SignedIn(employee): SignedIn,
    tenant: Tenant,
) -> Result<Response, ApiError> {
    let changed = restore_tenant(&engine, &employee.into(), &parse_reference(tenant)?).await?;
    let version = changed.version;
    Ok(versioned(changed, version))
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
pub(crate) async fn set_owner_of(
    State(server): State<ServerState>,
    SignedIn(employee): SignedIn,
    tenant: Tenant,
    request: Request,
) -> Result<Response, ApiError> {
    employee.require_provisioning()?;
    let tenant = parse_reference(tenant)?;
    let owner = parse_owner(json_body::read(request).await?)?;
    let console = &server.console;
    let named = set_owner(&console.engine, &employee.into(), &tenant, &owner, &console.origin).await?;
    let version = named.tenant.version;
    Ok(versioned(named, version))
}

fn parse_reference(tenant: Tenant) -> Result<String, ApiError> {
    tenant.map(|Path(tenant)| tenant).map_err(|_| ApiError::not_found())
}

fn parse_slug(body: Value) -> Result<String, ApiError> {
    let mut fields = JsonFields::new(body, &["slug"]);
    let slug = fields.text("slug").unwrap_or_default();
    fields.finish(Some(slug))
}

/// Reads the owner. The name of an account that exists is not needed.
fn parse_owner(body: Value) -> Result<NewOwner, ApiError> {
    let mut fields = JsonFields::new(body, &["name", "email", "useExistingAccount"]);
    let (name, email) = (fields.text("name"), fields.text("email").unwrap_or_default());
    let use_existing_account = fields.flag("useExistingAccount").unwrap_or_default();
    let name = match (name, use_existing_account) {
        (None, true) => Some(String::new()),
        (name, _) => {
            fields.check(parse_line("name", "the owner's name", &name.unwrap_or_default(), MAX_NAME))
        }
    };
    let email = NewTenant::parse_email(&email, idn_to_ascii);
    let email = fields.check(email.map_err(|problem| FieldProblem { field: "email".into(), ..problem }));
    let owner = name.zip(email).map(|(name, email)| NewOwner { name, email, use_existing_account });
    fields.finish(owner)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_owner_has_an_address_and_a_name_unless_the_account_exists() {
        let rules = |body: Value| {
            let problems = parse_owner(body).map(drop).map_err(|error| error.problem.errors.clone());
            let rule = |problem: &FieldProblem| format!("{} {}", problem.field, problem.rule);
            problems.err().unwrap_or_default().iter().map(rule).collect::<Vec<_>>().join(", ")
        };
        for (body, expected) in [
            (json!({ "name": "Olive", "email": "olive@example.com" }), ""),
            (json!({ "email": "olive@example.com", "useExistingAccount": true }), ""),
            (json!({}), "name required, email required"),
            (json!({ "email": "olive@example.com", "useExistingAccount": false }), "name required"),
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
