#[cfg(feature = "ssr")]
use domain::{
    FieldProblem, Problem,
    lifecycle::{parse_owner_email, parse_owner_name},
    outcome::ProvisionedOwner,
};
#[cfg(feature = "ssr")]
use engine::access::idn_to_ascii;
use leptos::prelude::*;

use super::IssuedSecrets;
use crate::{Failure, codec::Json};

/// Suspends an active tenant.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `VALIDATION_ERROR` without a reason,
/// `INVALID_TRANSITION`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "suspend_tenant", input = Json, output = Json)]
pub async fn suspend_tenant(tenant: String, reason: String) -> Result<IssuedSecrets, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_admin};
    let by = &signed_in_admin()?.into();
    let changed = engine::tenants::suspend_tenant(&console()?.engine, by, &tenant, &reason).await;
    changed.map(|_| IssuedSecrets::default()).map_err(respond_with_error)
}

/// Resumes a suspended tenant.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `INVALID_TRANSITION`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "resume_tenant", input = Json, output = Json)]
pub async fn resume_tenant(tenant: String) -> Result<IssuedSecrets, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_admin};
    let by = &signed_in_admin()?.into();
    let changed = engine::tenants::resume_tenant(&console()?.engine, by, &tenant).await;
    changed.map(|_| IssuedSecrets::default()).map_err(respond_with_error)
}

/// Deletes a tenant. Its slug confirms the deletion.
///
/// # Errors
/// Same as [`resume_tenant`]; `VALIDATION_ERROR` for another slug.
#[server(prefix = "/api/fn", endpoint = "delete_tenant", input = Json, output = Json)]
pub async fn delete_tenant(tenant: String, slug: String) -> Result<IssuedSecrets, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_admin};
    let by = &signed_in_admin()?.into();
    let changed = engine::tenants::delete_tenant(&console()?.engine, by, &tenant, &slug).await;
    changed.map(|_| IssuedSecrets::default()).map_err(respond_with_error)
}

/// Restores a deleted tenant.
///
/// # Errors
/// Same as [`resume_tenant`].
#[server(prefix = "/api/fn", endpoint = "restore_tenant", input = Json, output = Json)]
pub async fn restore_tenant(tenant: String) -> Result<IssuedSecrets, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_admin};
    let by = &signed_in_admin()?.into();
    let changed = engine::tenants::restore_tenant(&console()?.engine, by, &tenant).await;
    changed.map(|_| IssuedSecrets::default()).map_err(respond_with_error)
}

/// Approves the tenant of a sign-up.
///
/// # Errors
/// Same as [`resume_tenant`].
#[server(prefix = "/api/fn", endpoint = "approve_tenant", input = Json, output = Json)]
pub async fn approve_tenant(tenant: String) -> Result<IssuedSecrets, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_admin};
    let (employee, console) = (signed_in_admin()?, console()?);
    let by = &employee.into();
    let approved = engine::tenants::activate_tenant(&console.engine, by, &tenant, &console.origin).await;
    approved.map(|_| IssuedSecrets::default()).map_err(respond_with_error)
}

/// Declines the tenant of a sign-up, which deletes it.
///
/// # Errors
/// Same as [`resume_tenant`]; `VALIDATION_ERROR` without a reason.
#[server(prefix = "/api/fn", endpoint = "decline_tenant", input = Json, output = Json)]
pub async fn decline_tenant(tenant: String, reason: String) -> Result<IssuedSecrets, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_admin};
    let (employee, console) = (signed_in_admin()?, console()?);
    let by = &employee.into();
    let declined =
        engine::tenants::decline_tenant(&console.engine, by, &tenant, &reason, &console.origin).await;
    declined.map(|()| IssuedSecrets::default()).map_err(respond_with_error)
}

/// Names the owner of a tenant, or transfers the ownership. Returns the owner with the invitation link,
/// unless the account has a password.
///
/// # Errors
/// Same as [`resume_tenant`]; `VALIDATION_ERROR` for an invalid name or address; `EMAIL_UNAVAILABLE` for an
/// employee, and for an account that exists unless it may be used.
#[server(prefix = "/api/fn", endpoint = "set_owner", input = Json, output = Json)]
pub async fn set_owner(
    tenant: String,
    name: String,
    email: String,
    use_existing_account: bool,
) -> Result<IssuedSecrets, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_admin};
    let (employee, console) = (signed_in_admin()?, console()?);
    let (name, email) = both(parse_owner_name(&name), parse_owner_email(&email, idn_to_ascii))?;
    let owner = engine::tenants::NewOwner { name, email, use_existing_account };
    let by = &employee.into();
    let named = engine::tenants::set_owner(&console.engine, by, &tenant, &owner, &console.origin)
        .await
        .map_err(respond_with_error)?;
    Ok(issued_invitation(named))
}

/// Changes the name or the e-mail address of the owner's account, or both. Returns the owner with the
/// invitation link if a new address needs one.
///
/// # Errors
/// Same as [`resume_tenant`]; `VALIDATION_ERROR` for an invalid name or address; `EMAIL_UNAVAILABLE` for the
/// address of another account.
#[server(prefix = "/api/fn", endpoint = "change_owner_account", input = Json, output = Json)]
pub async fn change_owner_account(
    tenant: String,
    name: Option<String>,
    email: Option<String>,
) -> Result<IssuedSecrets, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_admin};
    let (employee, console) = (signed_in_admin()?, console()?);
    let name = name.as_deref().map(parse_owner_name).transpose();
    let email = email.as_deref().map(|email| parse_owner_email(email, idn_to_ascii)).transpose();
    let (name, email) = both(name, email)?;
    let changes = engine::tenants::OwnerAccountChanges { name, email };
    let by = &employee.into();
    let changed =
        engine::tenants::change_owner_account(&console.engine, by, &tenant, &changes, &console.origin)
            .await
            .map_err(respond_with_error)?;
    Ok(issued_invitation(changed))
}

/// The invitation link of an owner, if there is one.
#[cfg(feature = "ssr")]
fn issued_invitation(named: domain::lifecycle::NamedOwner) -> IssuedSecrets {
    let (link, account) = (named.invitation_url.zip(named.invitation_expires_at), named.tenant.owner);
    let owner = link.zip(account).map(|((url, expires_at), account)| ProvisionedOwner {
        name: account.name,
        email: account.email,
        invitation_expires_at: expires_at,
        invitation_url: Some(url),
    });
    IssuedSecrets { owner, ..IssuedSecrets::default() }
}

/// Two parsed fields, or the problems of both.
#[cfg(feature = "ssr")]
fn both<A, B>(a: Result<A, FieldProblem>, b: Result<B, FieldProblem>) -> Result<(A, B), Failure> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (a, b) => {
            let problems = a.err().into_iter().chain(b.err()).collect();
            Err(crate::server_context::respond_with_problem(Problem::from_fields(problems)))
        }
    }
}
