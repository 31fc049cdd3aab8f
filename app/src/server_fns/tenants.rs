use domain::{
    registry::{StatusCount, TenantFilter, TenantList, TenantRecord, TenantSummary},
    tenant_key::TenantKey,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::OpenedForm;
use crate::{Failure, codec::Json};

/// One page of the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantsPage {
    /// The tenants.
    pub list: TenantList,
    /// How many tenants of the filtered plan have each status. Empty during a search.
    pub counts: Vec<StatusCount>,
    /// How many tenants from sign-ups wait for approval. 0 for a role that may not approve them.
    pub awaiting_approval: u32,
    /// The matches that only the filter by status hides. `None` if the page lists any tenant.
    pub hidden: Option<HiddenTenants>,
}

/// Tenants that a filter hides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenTenants {
    /// How many there are on the first page.
    pub count: usize,
    /// Whether further pages follow.
    pub has_more: bool,
    /// The first one.
    pub first: TenantSummary,
}

/// One tenant, as its page shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenedTenant {
    /// The tenant with everything that belongs to it.
    pub record: TenantRecord,
    /// The newest API keys. `None` for a role that may not see them, and for a deleted tenant.
    pub keys: Option<Vec<TenantKey>>,
    /// The form that the page shows.
    pub form: Option<OpenedForm>,
}

/// One page of the registry.
///
/// # Errors
/// `UNAUTHENTICATED`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "list_tenants", input = Json, output = Json)]
pub async fn list_tenants(filter: TenantFilter) -> Result<TenantsPage, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_employee};
    use engine::{page::Limit, tenants};
    let (employee, engine) = (signed_in_employee()?, console()?.engine);
    let awaiting_approval = match employee.role.may_provision() {
        true => tenants::count_awaiting_approval(&engine).await.map_err(respond_with_error)?,
        false => 0,
    };
    let list = tenants::list_tenants(&engine, &filter, Limit::default()).await.map_err(respond_with_error)?;
    let counts = match filter.q.trim() {
        "" => tenants::count_tenants(&engine, &filter).await.map_err(respond_with_error)?,
        _ => Vec::new(),
    };
    let hidden = if list.tenants.is_empty() && !filter.status.is_empty() {
        let filter = TenantFilter { status: String::new(), after: String::new(), ..filter };
        let others = tenants::list_tenants(&engine, &filter, Limit::default()).await;
        HiddenTenants::from_list(others.map_err(respond_with_error)?)
    } else {
        None
    };
    Ok(TenantsPage { list, counts, awaiting_approval, hidden })
}

/// Does the same as [`list_tenants`] for polling, without extending the session.
///
/// # Errors
/// Same as [`list_tenants`].
#[server(prefix = "/api/fn", endpoint = "refresh_tenants", input = Json, output = Json)]
pub async fn refresh_tenants(filter: TenantFilter) -> Result<TenantsPage, Failure> {
    list_tenants(filter).await
}

/// The tenant with this code, ID or slug. `form` is the name of the form that the page shows, or empty.
///
/// # Errors
/// `UNAUTHENTICATED`, `TENANT_NOT_FOUND`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "open_tenant", input = Json, output = Json)]
pub async fn open_tenant(reference: String, form: String) -> Result<OpenedTenant, Failure> {
    use super::tenant_forms::open_form;
    use crate::server_context::{console, respond_with_error, signed_in_employee};
    use domain::{TenantStatus, tenant_form::TenantForm};
    use engine::{page::PageRequest, tenants};
    let (employee, engine) = (signed_in_employee()?, console()?.engine);
    let role = employee.role;
    let record = tenants::read_tenant(&engine, &reference).await.map_err(respond_with_error)?;
    let keys = if role.may_provision() && record.status != TenantStatus::Deleted {
        let by = tenants::TenantCaller::actor(employee.clone(), &record.code);
        let page = tenants::list_keys(&engine, &by, PageRequest::default()).await;
        Some(page.map_err(respond_with_error)?.rows)
    } else {
        None
    };
    let form = match TenantForm::from_text(&form) {
        Some(form) => open_form(&engine, &employee, form, &record).await.map_err(respond_with_error)?,
        None => None,
    };
    Ok(OpenedTenant { record: record.for_role(role), keys, form })
}

#[cfg(feature = "ssr")]
impl HiddenTenants {
    fn from_list(list: TenantList) -> Option<Self> {
        let (count, has_more) = (list.tenants.len(), list.next.is_some());
        list.tenants.into_iter().next().map(|first| Self { count, has_more, first })
    }
}
