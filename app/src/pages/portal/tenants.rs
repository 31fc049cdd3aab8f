use domain::{TenantStatus, portal::PortalPage as Page};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{NavigateOptions, components::Redirect};

use super::{mark::TenantMark, shell::TenantlessShell, state::PortalState, status::ForMembersOnly};
use crate::{
    page_context::PageContext,
    server_fns::PortalTenant,
    ui::{Badge, Card, EmptyState, IconName, PageHead, StatusBadge, Tone},
};

/// The page at `/portal`: the tenants of the account. With exactly one, the browser goes straight to it.
#[component]
pub(crate) fn PortalPage() -> impl IntoView {
    let is_member = expect_context::<PageContext>().account.is_some();
    let tenants = expect_context::<PortalState>().tenants.get_untracked();
    if !is_member {
        return view! { <ForMembersOnly /> }.into_any();
    }
    if let [tenant] = &tenants[..]
        && tenant.has_joined
    {
        let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
        return view! { <Redirect path=Page::Home.path(&tenant.slug) options /> }.into_any();
    }
    let content = match tenants.is_empty() {
        true => view! {
            <Card>
                <EmptyState
                    icon=IconName::Building
                    title="You are not a member of a tenant"
                    sentence="Ask the owner of a tenant to invite you. If you expected to see one here, it was deleted, or your membership has ended."
                />
            </Card>
        }
        .into_any(),
        false => {
            let cards = tenants.into_iter().map(card).collect::<Vec<_>>();
            view! { <ul class="tenant-cards">{cards}</ul> }.into_any()
        }
    };
    view! {
        <Title text="Your tenants" />
        <TenantlessShell>
            <PageHead title="Your tenants" lead=|| "Choose the one that you want to work on." />
            {content}
        </TenantlessShell>
    }
    .into_any()
}

fn card(tenant: PortalTenant) -> AnyView {
    let PortalTenant { slug, name, mark, color, plan, role, status, has_joined, .. } = tenant;
    let badge = match (has_joined, status) {
        (false, _) => view! { <Badge tone=Tone::Info icon=IconName::Mail>"Invited"</Badge> }.into_any(),
        (true, TenantStatus::Active) => ().into_any(),
        (true, status) => view! { <StatusBadge status=status.as_str() /> }.into_any(),
    };
    let name = match has_joined {
        true => view! {
            <a class="row-link" href=Page::Home.path(&slug)>
                <bdi>{name}</bdi>
            </a>
        }
        .into_any(),
        false => view! {
            <bdi>{name}</bdi>
            <span class="sub">"Open the link in your invitation to join."</span>
        }
        .into_any(),
    };
    view! {
        <li class="tenant-card" data-testid="portal-tenant-card">
            <TenantMark color mark large=true />
            <div>
                <p class="tenant-card-name">{name}</p>
                <p class="sub">{role.label()} " · " {plan} " plan"</p>
            </div>
            {badge}
        </li>
    }
    .into_any()
}
