//! The forms that change a tenant on its page.

#[cfg(feature = "ssr")]
mod fields;
mod opened_form;
#[cfg(feature = "ssr")]
mod save;

#[cfg(feature = "ssr")]
pub(super) use self::fields::{open_form, open_portal_form};
pub use self::opened_form::{FieldInput, FormField, OpenedForm, PostedForm};
#[cfg(feature = "ssr")]
pub use self::save::save_form;

use domain::tenant_form::{FormValues, TenantForm};
use leptos::prelude::*;

use super::IssuedSecrets;
use crate::{Failure, codec::Json};

/// Saves a form of a tenant, for employees and for members. `version` is that of the values which the form has loaded.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `VALIDATION_ERROR` with the problems of all fields,
/// `PRECONDITION_FAILED` for another version, `INVALID_TRANSITION`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "change_tenant", input = Json, output = Json)]
pub async fn change_tenant(
    tenant: String,
    form: TenantForm,
    version: String,
    values: FormValues,
) -> Result<IssuedSecrets, Failure> {
    use super::portal::tenant_caller;
    use crate::server_context::{console, respond_with_error};
    let caller = tenant_caller(&tenant)?;
    save_form(&console()?.engine, &caller, form, version, &values).await.map_err(respond_with_error)?;
    Ok(IssuedSecrets::default())
}

/// Changes the slug of a tenant. The former slug still finds the tenant.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `INVALID_SLUG`, `DUPLICATE_SLUG`,
/// `PRECONDITION_FAILED` for another version, `INVALID_TRANSITION`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "rename_tenant", input = Json, output = Json)]
pub async fn rename_tenant(tenant: String, slug: String, version: u32) -> Result<IssuedSecrets, Failure> {
    use crate::server_context::{console, respond_with_error, respond_with_invalid_field, signed_in_admin};
    use domain::{lifecycle::TenantChanges, provisioning::NewTenant};
    use engine::tenants::{Precondition, update_tenant};
    let by = &signed_in_admin()?.into();
    let slug = NewTenant::parse_slug(&slug).map_err(respond_with_invalid_field)?;
    let changes = TenantChanges { slug: Some(slug), ..TenantChanges::default() };
    let precondition = Precondition::OneOf(vec![version.to_string()]);
    let changed = update_tenant(&console()?.engine, by, &tenant, &precondition, &changes).await;
    changed.map(|_| IssuedSecrets::default()).map_err(respond_with_error)
}
