use domain::{ErrorCode, TenantStatus};
use engine::{
    Engine, Error,
    access::Person,
    tenants::{TenantCaller, find_tenant_overview},
};

use super::{PortalContent, PortalTenant, tenants::portal_tenants};
use crate::{
    Failure,
    server_context::{console, current_person, respond_with_error, respond_with_problem, signed_in_account},
};

/// The caller of a server function that the console and the portal share: the signed-in employee, or the
/// signed-in member of the tenant. The engine checks the role of either.
///
/// # Errors
/// `UNAUTHENTICATED`.
pub(crate) fn tenant_caller(tenant: &str) -> Result<TenantCaller, Failure> {
    match current_person() {
        Some(Person::Account(account)) => Ok(TenantCaller::Member { account, tenant: tenant.to_owned() }),
        Some(Person::Employee(employee)) => Ok(TenantCaller::actor(employee, tenant)),
        None => Err(respond_with_problem(ErrorCode::Unauthenticated.into())),
    }
}

/// A tenant of the signed-in account.
pub(super) struct Opened {
    engine: Engine,
    caller: TenantCaller,
    tenant: PortalTenant,
}

impl Opened {
    /// Finds the tenant with this slug, code, ID or former slug.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`; `FORBIDDEN` for an employee; `TENANT_NOT_FOUND` if the account is not a member of the
    /// tenant, or the tenant is deleted; `TENANT_SUSPENDED`; the database's error.
    pub(super) async fn find(reference: &str) -> Result<Self, Failure> {
        let engine = console()?.engine;
        let account = signed_in_account()?;
        let tenants = portal_tenants(&engine, &account).await.map_err(respond_with_error)?;
        let caller = TenantCaller::Member { account, tenant: reference.to_owned() };
        let is_named = |tenant: &PortalTenant| tenant.slug == reference || tenant.code == reference;
        let tenant = match tenants.iter().find(|tenant| is_named(tenant)) {
            Some(tenant) => tenant.clone(),
            None => {
                let found = find_tenant_overview(&engine, &caller).await.map_err(respond_with_error)?;
                let tenant = tenants.into_iter().find(|tenant| tenant.code == found.value.code);
                tenant.ok_or_else(|| respond_with_problem(ErrorCode::TenantNotFound.into()))?
            }
        };
        match tenant.status {
            _ if !tenant.has_joined => Err(respond_with_problem(ErrorCode::TenantNotFound.into())),
            TenantStatus::Suspended => Err(respond_with_problem(ErrorCode::TenantSuspended.into())),
            TenantStatus::Deleted => Err(respond_with_problem(ErrorCode::TenantNotFound.into())),
            _ => Ok(Self { engine, caller, tenant }),
        }
    }

    /// Reads the content of a page, if the tenant is active.
    ///
    /// # Errors
    /// Those of `read`.
    pub(super) async fn with<T>(
        self,
        read: impl AsyncFnOnce(&Engine, &TenantCaller) -> Result<T, Error>,
    ) -> Result<PortalContent<T>, Failure> {
        let content = match self.tenant.status {
            TenantStatus::Active => Some(read(&self.engine, &self.caller).await.map_err(respond_with_error)?),
            _ => None,
        };
        Ok(PortalContent { tenant: self.tenant, content })
    }
}
