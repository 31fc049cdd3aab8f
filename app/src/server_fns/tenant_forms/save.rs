use domain::{
    ErrorCode, Problem,
    branding::TenantBranding,
    lifecycle::TenantChanges,
    settings::TenantSettings,
    tenant_form::{FormValues, TenantForm},
};
use engine::{
    Engine, Error,
    access::{Actor, idn_to_ascii},
    tenants::{Precondition, TenantCaller, read_tenant, replace_branding, replace_settings, update_tenant},
};

use super::fields::{terms, values_of};

/// Saves a form of a tenant. Only employees can save the terms.
///
/// # Errors
/// See [`change_tenant`](super::change_tenant).
pub async fn save_form(
    engine: &Engine,
    caller: &TenantCaller,
    form: TenantForm,
    version: String,
    values: &FormValues,
) -> Result<(), Error> {
    let precondition = match version.is_empty() {
        true => Precondition::Missing,
        false => Precondition::OneOf(vec![version]),
    };
    let text = |name: &str| values.get(name).map(str::to_owned);
    match form {
        TenantForm::Settings => {
            let settings = TenantSettings::parse(text, idn_to_ascii);
            replace_settings(engine, caller, &precondition, settings).await?;
        }
        TenantForm::Branding => {
            let branding = TenantBranding::parse(text);
            replace_branding(engine, caller, &precondition, branding).await?;
        }
        TenantForm::Terms => {
            let TenantCaller::Actor { actor, tenant } = caller else {
                return Err(ErrorCode::Forbidden.into());
            };
            if let Actor::Employee(employee) = actor {
                employee.require_provisioning()?;
            }
            let loaded = values_of(&terms(engine, &read_tenant(engine, tenant).await?));
            let changes = TenantChanges::from_form(values, &loaded).map_err(Problem::from_fields)?;
            update_tenant(engine, actor, tenant, &precondition, &changes).await?;
        }
    }
    Ok(())
}
