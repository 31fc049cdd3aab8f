//! The console's pages as lazy routes. Each page has its own chunk of code, which a browser downloads when it
//! first shows the page.

#[cfg(any(feature = "hydrate", feature = "ssr"))]
use domain::paths;
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::pages::{HealthPage, HistoryPage, ProvisionPage, RequestPage, TenantPage, TenantsPage};
#[cfg(feature = "hydrate")]
use crate::{
    pages::{PROVISION_PARTS, REQUEST_PARTS, TENANT_PARTS},
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

/// The name of the page at a path. The name of the page's lazy function contains this name.
#[cfg(any(feature = "hydrate", feature = "ssr"))]
pub(crate) fn page_at(path: &str) -> Option<&'static str> {
    match path.trim_end_matches('/') {
        paths::PROVISION => Some("provision"),
        paths::HISTORY => Some("history"),
        paths::HEALTH => Some("health"),
        paths::TENANTS => Some("tenants"),
        path if paths::is_request(path) => Some("request"),
        path if paths::is_tenant(path) => Some("tenant"),
        _ => None,
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
        _ => {}
    }
}
