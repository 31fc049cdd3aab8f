//! The console's pages as lazy routes. Each page has its own chunk of code, which a browser downloads when it
//! first shows the page.

#[cfg(any(feature = "hydrate", feature = "ssr"))]
use domain::{paths, portal::PortalPage as PortalPath};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::pages::{
    AuditPage, HealthPage, HistoryPage, ImportPage, PortalActivityPage, PortalBrandingPage, PortalHomePage,
    PortalKeysPage, PortalMembersPage, PortalPackagesPage, PortalPage, PortalSegmentsPage,
    PortalSettingsPage, PortalUsagePage, ProvisionPage, RequestPage, SignUpLinkPage, SignUpPage, TeamPage,
    TenantPage, TenantsPage,
};
#[cfg(feature = "hydrate")]
use crate::{
    pages::{
        AUDIT_PARTS, PORTAL_BRANDING_PARTS, PORTAL_CATALOG_PARTS, PORTAL_KEYS_PARTS, PORTAL_SETTINGS_PARTS,
        PROVISION_PARTS, REQUEST_PARTS, TEAM_PARTS, TENANT_PARTS,
    },
    part::load_rendered,
};

pub(crate) struct ProvisionRoute;

#[lazy_route]
impl LazyRoute for ProvisionRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <ProvisionPage /> }.into_any()
    }
}

pub(crate) struct HistoryRoute;

#[lazy_route]
impl LazyRoute for HistoryRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <HistoryPage /> }.into_any()
    }
}

pub(crate) struct RequestRoute;

#[lazy_route]
impl LazyRoute for RequestRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <RequestPage /> }.into_any()
    }
}

pub(crate) struct TenantsRoute;

#[lazy_route]
impl LazyRoute for TenantsRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <TenantsPage /> }.into_any()
    }
}

pub(crate) struct TenantRoute;

#[lazy_route]
impl LazyRoute for TenantRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <TenantPage /> }.into_any()
    }
}

pub(crate) struct ImportRoute;

#[lazy_route]
impl LazyRoute for ImportRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <ImportPage /> }.into_any()
    }
}

pub(crate) struct AuditRoute;

#[lazy_route]
impl LazyRoute for AuditRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <AuditPage /> }.into_any()
    }
}

pub(crate) struct TeamRoute;

#[lazy_route]
impl LazyRoute for TeamRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <TeamPage /> }.into_any()
    }
}

pub(crate) struct HealthRoute;

#[lazy_route]
impl LazyRoute for HealthRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <HealthPage /> }.into_any()
    }
}

pub(crate) struct PortalRoute;

#[lazy_route]
impl LazyRoute for PortalRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PortalPage /> }.into_any()
    }
}

pub(crate) struct PortalHomeRoute;

#[lazy_route]
impl LazyRoute for PortalHomeRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PortalHomePage /> }.into_any()
    }
}

pub(crate) struct PortalSettingsRoute;

#[lazy_route]
impl LazyRoute for PortalSettingsRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PortalSettingsPage /> }.into_any()
    }
}

pub(crate) struct PortalBrandingRoute;

#[lazy_route]
impl LazyRoute for PortalBrandingRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PortalBrandingPage /> }.into_any()
    }
}

pub(crate) struct PortalSegmentsRoute;

#[lazy_route]
impl LazyRoute for PortalSegmentsRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PortalSegmentsPage /> }.into_any()
    }
}

pub(crate) struct PortalPackagesRoute;

#[lazy_route]
impl LazyRoute for PortalPackagesRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PortalPackagesPage /> }.into_any()
    }
}

pub(crate) struct PortalKeysRoute;

#[lazy_route]
impl LazyRoute for PortalKeysRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PortalKeysPage /> }.into_any()
    }
}

pub(crate) struct PortalMembersRoute;

#[lazy_route]
impl LazyRoute for PortalMembersRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PortalMembersPage /> }.into_any()
    }
}

pub(crate) struct PortalUsageRoute;

#[lazy_route]
impl LazyRoute for PortalUsageRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PortalUsagePage /> }.into_any()
    }
}

pub(crate) struct PortalActivityRoute;

#[lazy_route]
impl LazyRoute for PortalActivityRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <PortalActivityPage /> }.into_any()
    }
}

pub(crate) struct SignUpRoute;

#[lazy_route]
impl LazyRoute for SignUpRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <SignUpPage /> }.into_any()
    }
}

pub(crate) struct SignUpLinkRoute;

#[lazy_route]
impl LazyRoute for SignUpLinkRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <SignUpLinkPage /> }.into_any()
    }
}

/// The name of the page at a path. The name of the page's lazy function contains this name.
#[cfg(any(feature = "hydrate", feature = "ssr"))]
pub(crate) fn page_at(path: &str) -> Option<&'static str> {
    match path.trim_end_matches('/') {
        paths::PROVISION => Some("provision"),
        paths::HISTORY => Some("history"),
        paths::HEALTH => Some("health"),
        paths::IMPORT => Some("import"),
        path if paths::is_import(path) => Some("import"),
        paths::AUDIT | paths::ERASE_PERSON => Some("audit"),
        paths::TEAM => Some("team"),
        paths::TENANTS => Some("tenants"),
        paths::SIGN_UP => Some("sign_up"),
        path if paths::is_sign_up_page(path) => Some("sign_up_link"),
        path if paths::is_request(path) => Some("request"),
        path if paths::is_tenant(path) => Some("tenant"),
        paths::PORTAL => Some("portal"),
        path => portal_page_at(path),
    }
}

/// The name of the page of the portal at a path.
#[cfg(any(feature = "hydrate", feature = "ssr"))]
fn portal_page_at(path: &str) -> Option<&'static str> {
    match PortalPath::at(path)? {
        PortalPath::Home => Some("portal_home"),
        PortalPath::Settings => Some("portal_settings"),
        PortalPath::Branding => Some("portal_branding"),
        PortalPath::Segments => Some("portal_segments"),
        PortalPath::Packages => Some("portal_packages"),
        PortalPath::Keys => Some("portal_keys"),
        PortalPath::Usage => Some("portal_usage"),
        PortalPath::Activity => Some("portal_activity"),
        PortalPath::Members => Some("portal_members"),
    }
}

/// Loads the code of the current page and of the parts that it shows, which hydration needs.
#[cfg(feature = "hydrate")]
pub async fn load_current_page() {
    match page_at(&location().pathname().unwrap_or_default()) {
        Some("provision") => {
            ProvisionRoute::preload().await;
            load_rendered(PROVISION_PARTS).await;
        }
        Some("history") => HistoryRoute::preload().await,
        Some("request") => {
            RequestRoute::preload().await;
            load_rendered(REQUEST_PARTS).await;
        }
        Some("tenants") => TenantsRoute::preload().await,
        Some("tenant") => {
            TenantRoute::preload().await;
            load_rendered(TENANT_PARTS).await;
        }
        Some("health") => HealthRoute::preload().await,
        Some("import") => ImportRoute::preload().await,
        Some("audit") => {
            AuditRoute::preload().await;
            load_rendered(AUDIT_PARTS).await;
        }
        Some("team") => {
            TeamRoute::preload().await;
            load_rendered(TEAM_PARTS).await;
        }
        Some("sign_up") => SignUpRoute::preload().await,
        Some("sign_up_link") => SignUpLinkRoute::preload().await,
        Some("portal") => PortalRoute::preload().await,
        Some("portal_home") => PortalHomeRoute::preload().await,
        Some("portal_settings") => {
            PortalSettingsRoute::preload().await;
            load_rendered(PORTAL_SETTINGS_PARTS).await;
        }
        Some("portal_branding") => {
            PortalBrandingRoute::preload().await;
            load_rendered(PORTAL_BRANDING_PARTS).await;
        }
        Some("portal_segments") => {
            PortalSegmentsRoute::preload().await;
            load_rendered(PORTAL_CATALOG_PARTS).await;
        }
        Some("portal_packages") => {
            PortalPackagesRoute::preload().await;
            load_rendered(PORTAL_CATALOG_PARTS).await;
        }
        Some("portal_keys") => {
            PortalKeysRoute::preload().await;
            load_rendered(PORTAL_KEYS_PARTS).await;
        }
        Some("portal_usage") => PortalUsageRoute::preload().await,
        Some("portal_members") => PortalMembersRoute::preload().await,
        Some("portal_activity") => PortalActivityRoute::preload().await,
        _ => {}
    }
}
