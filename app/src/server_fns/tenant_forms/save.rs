use domain::{
    Problem,
    branding::TenantBranding,
    lifecycle::TenantChanges,
    settings::TenantSettings,
    tenant_form::{FormValues, TenantForm},
};
use engine::{
    Engine, Error,
    access::{Actor, Employee, idn_to_ascii},
    tenants::{Precondition, TenantCaller, read_tenant, replace_branding, replace_settings, update_tenant},
};

use super::fields::{terms, values_of};

/// Saves a form of a tenant.
///
/// # Errors
/// See [`change_tenant`](super::change_tenant).
pub async fn save_form(
    engine: &Engine,
    employee: Employee,
    tenant: &str,
    form: TenantForm,
    version: String,
    values: &FormValues,
) -> Result<(), Error> {
    let precondition = match version.is_empty() {
        true => Precondition::Missing,
        false => Precondition::OneOf(vec![version]),
    };
    employee.require_provisioning()?;
    let actor = Actor::from(employee);
    let text = |name: &str| values.get(name).map(str::to_owned);
    let caller = |actor| TenantCaller::Actor { actor, tenant: tenant.to_owned() };
    match form {
        TenantForm::Settings => {
            let settings = TenantSettings::parse(text, idn_to_ascii);
            replace_settings(engine, &caller(actor), &precondition, settings).await?;
        }
        TenantForm::Branding => {
            let branding = TenantBranding::parse(text);
            replace_branding(engine, &caller(actor), &precondition, branding).await?;
        }
        TenantForm::Terms => {
            let loaded = values_of(&terms(engine, &read_tenant(engine, tenant).await?));
            let changes = TenantChanges::from_form(values, &loaded).map_err(Problem::from_fields)?;
            update_tenant(engine, &actor, tenant, &precondition, &changes).await?;
        }
    }
    Ok(())
}
