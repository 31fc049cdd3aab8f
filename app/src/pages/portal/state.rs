use leptos::prelude::*;

use crate::{page_context::PageContext, server_fns::PortalTenant};

/// The tenants of the signed-in account, as the sidebar and the list show them. The server computes them for
/// the first page; each further page updates the tenant that it shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PortalState {
    pub(super) tenants: RwSignal<Vec<PortalTenant>>,
}

impl PortalState {
    /// The state of a new document.
    pub(crate) fn new(context: &PageContext) -> Self {
        Self { tenants: RwSignal::new(context.tenants.clone()) }
    }

    /// The tenant with this slug.
    pub(super) fn tenant(self, slug: &str) -> Option<PortalTenant> {
        self.tenants.with(|tenants| tenants.iter().find(|tenant| tenant.slug == slug).cloned())
    }

    /// Replaces a tenant by what a page has loaded.
    pub(super) fn update(self, loaded: &PortalTenant) {
        let is_known = self.tenants.with_untracked(|tenants| tenants.contains(loaded));
        if is_known {
            return;
        }
        self.tenants.update(|tenants| match tenants.iter_mut().find(|tenant| tenant.code == loaded.code) {
            Some(tenant) => *tenant = loaded.clone(),
            None => tenants.push(loaded.clone()),
        });
    }
}

impl PortalTenant {
    /// Whether the account may change the tenant.
    pub(super) const fn may_change(&self) -> bool {
        self.role.may_change()
    }
}
