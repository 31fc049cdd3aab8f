//! The console's pages as lazy routes. Each page has its own chunk of code, which a browser downloads when it
//! first shows the page.

#[cfg(feature = "hydrate")]
use domain::paths;
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::pages::{HealthPage, HistoryPage, ProvisionPage, RequestPage};
#[cfg(feature = "hydrate")]
use crate::{
    pages::{PROVISION_PARTS, REQUEST_PARTS},
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

/// Loads the code of the current page and of the parts that it shows, which hydration needs.
#[cfg(feature = "hydrate")]
pub async fn load_current_page() {
    let path = location().pathname().unwrap_or_default();
    match path.trim_end_matches('/') {
        paths::PROVISION => {
            ProvisionRoute::preload().await;
            load_rendered(PROVISION_PARTS).await;
        }
        paths::HISTORY => HistoryRoute::preload().await,
        paths::HEALTH => HealthRoute::preload().await,
        path if paths::is_request(path) => {
            RequestRoute::preload().await;
            load_rendered(REQUEST_PARTS).await;
        }
        _ => {}
    }
}
