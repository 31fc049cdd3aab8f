//! What the portal shows instead of a tenant that cannot be used.

use std::time::Duration;

use domain::{ErrorCode, TenantStatus, paths};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::state::PortalState;
use crate::{
    browser,
    server_fns::{PortalTenant, portal_status},
    ui::{AuthLayout, ButtonLink, Card, EmptyState, IconName, PageHead, Tone},
};

/// How often a tenant that is not active yet is checked.
const POLL_INTERVAL: Duration = Duration::from_secs(4);

/// A tenant that is not active yet. Loads the page again when the tenant becomes active; a browser without
/// scripts does so every few seconds.
#[component]
pub(super) fn Waiting(tenant: PortalTenant, reload: Callback<()>) -> impl IntoView {
    let PortalTenant { slug, name, status, .. } = tenant;
    browser::call_every(POLL_INTERVAL, move || {
        let slug = slug.clone();
        leptos::task::spawn_local(async move {
            let has_ended = match portal_status(slug).await {
                Ok(current) => current.tenant.status != status,
                Err(failure) => failure.code().is_some_and(|code| {
                    matches!(code, ErrorCode::TenantSuspended | ErrorCode::TenantNotFound)
                }),
            };
            if has_ended {
                let _ = reload.try_run(());
            }
        });
    });
    let (icon, title, sentence) = match status {
        TenantStatus::PendingActivation => (
            IconName::Clock,
            "Your tenant waits for approval",
            "Everything is prepared. The platform reviews new tenants before they open, and this page opens as soon as yours is approved. You can close it and come back.",
        ),
        TenantStatus::SetupIncomplete => (
            IconName::Alert,
            "The setup is not complete",
            "Some data of your tenant is missing. The platform adds it, and then your tenant opens here.",
        ),
        _ => (
            IconName::Loader,
            "Your tenant is being set up",
            "Its database, its address and its connections are being prepared. This usually takes less than a minute, and the page opens on its own when it is done.",
        ),
    };
    view! {
        <PageHead title=name.clone() />
        <div data-testid="portal-waiting" data-status=status.as_str() role="status">
            <Card>
                <EmptyState icon title sentence />
            </Card>
        </div>
        // A browser with scripts does not parse the content of this element.
        <noscript inner_html="<meta http-equiv=\"refresh\" content=\"5\">"></noscript>
    }
}

/// A suspended tenant.
#[component]
pub(super) fn Suspended(name: String) -> impl IntoView {
    let name = if name.is_empty() { "This tenant".to_owned() } else { name };
    view! {
        <PageHead title=format!("{name} is suspended") />
        <div data-testid="portal-suspended">
            <Card>
                <EmptyState
                    icon=IconName::Pause
                    tone=Tone::Bad
                    title="Nothing is lost, but nothing works until it is resumed"
                    sentence="Your pages, your API keys and your invitations do not work now. Write to the platform that runs your tenant: its support knows the reason, and can resume the tenant at once."
                >
                    <OtherTenants />
                    <code class="sub">{ErrorCode::TenantSuspended.as_str()}</code>
                </EmptyState>
            </Card>
        </div>
    }
}

/// A tenant that does not exist, or to which the account does not belong. The page does not say which.
#[component]
pub(super) fn NotAMember() -> impl IntoView {
    view! {
        <PageHead title="Tenant not found" />
        <div data-testid="portal-not-found">
            <Card>
                <EmptyState
                    icon=IconName::Search
                    title="You are not a member of this tenant"
                    sentence="Check the address. If the tenant was deleted or your membership has ended, ask its owner or the platform."
                >
                    <OtherTenants />
                    <code class="sub">{ErrorCode::TenantNotFound.as_str()}</code>
                </EmptyState>
            </Card>
        </div>
    }
}

/// The link to the list of tenants, if the account has another tenant.
#[component]
fn OtherTenants() -> impl IntoView {
    let state = expect_context::<PortalState>();
    let slug = use_params_map().with_untracked(|params| params.get("tenant")).unwrap_or_default();
    let has_other = state.tenants.with_untracked(|tenants| tenants.iter().any(|tenant| tenant.slug != slug));
    has_other.then(|| view! { <ButtonLink href=paths::PORTAL>"Your other tenants"</ButtonLink> })
}

/// A page of the portal that an employee has opened.
#[component]
pub(super) fn ForMembersOnly() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::response::set_status(403);
    view! {
        <Title text="Portal" />
        <AuthLayout
            title="The portal is for members of tenants"
            sentence="You are signed in as an employee of the platform. Employees manage tenants in the console."
        >
            <ButtonLink href=paths::TENANTS>"Open the tenants"</ButtonLink>
        </AuthLayout>
    }
}
