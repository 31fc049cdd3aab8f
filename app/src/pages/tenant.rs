//! `/tenants/{code}`: one tenant with everything that belongs to it. Each section has its own module. Actions
//! on the tenant belong in [`actions`], and those on a part of the tenant in the section of this part.

mod actions;
mod branding;
mod facts;
mod keys;
mod owner;
mod packages;
mod pipeline;
mod quotas;
mod resources;
mod settings;

use domain::{paths, registry::TenantRecord};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{NavigateOptions, components::Redirect, hooks::use_params_map};

use self::{
    actions::TenantActions, branding::Branding, facts::TenantFacts, keys::Keys, owner::Owner,
    packages::Packages, pipeline::Pipeline, quotas::Quotas, resources::Resources, settings::Settings,
};
use super::page_resource::ResourceView;
use crate::{
    browser,
    page_context::PageContext,
    server_fns::{OpenedTenant, open_tenant},
    ui::{AppShell, CopyButton, Crumb, PageHead, StatusBadge, Time},
};

/// The sections to which the page links at its top: the ID and the name.
const SECTIONS: [(&str, &str); 6] = [
    ("owner", "Owner"),
    ("keys", "Keys"),
    ("packages", "Packages"),
    ("settings", "Settings"),
    ("branding", "Branding"),
    ("pipeline", "Provisioning"),
];

/// The page of one tenant. Its path can contain the code, the ID or the slug, and is then replaced by the one
/// with the code.
#[component]
pub(crate) fn TenantPage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let params = use_params_map();
    let reference = Memo::new(move |_| params.with(|params| params.get("tenant")).unwrap_or_default());
    let tenant = crate::codec::page_data(move || reference.get(), open_tenant);
    let view = move |opened: OpenedTenant| {
        if opened.record.code != reference.get_untracked() {
            let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
            return view! { <Redirect path=paths::tenant(&opened.record.code) options /> }.into_any();
        }
        view! { <Tenant opened /> }.into_any()
    };
    view! {
        <Title text="Tenant" />
        <AppShell
            current=paths::TENANTS
            employee=context.employee_view()
            environment=context.environment
            breadcrumb=vec![Crumb::link("Tenants", paths::TENANTS), Crumb::current("Tenant")]
        >
            <div data-testid="tenant-detail">
                <ResourceView
                    resource=tenant
                    label="Loading the tenant"
                    path=Signal::derive(move || paths::tenant(reference.get()))
                    title="Tenant"
                    view
                />
            </div>
        </AppShell>
    }
}

#[component]
fn Tenant(opened: OpenedTenant) -> impl IntoView {
    // The heading appears when the tenant is loaded, which is later than the page.
    browser::focus_new_page();
    let OpenedTenant { record, keys } = opened;
    let links = SECTIONS.map(|(id, name)| {
        view! {
            <a href=format!("#{id}") rel="external">
                {name}
            </a>
        }
        .into_any()
    });
    view! {
        <Title text=record.name.clone() />
        <TenantHead record=record.clone() />
        <nav class="tabs" aria-label="Sections">
            {links.into_iter().collect_view()}
        </nav>
        <div class="columns" data-wide="">
            <div class="stack">
                <Quotas record=record.clone() />
                <Owner owner=record.owner.clone() />
                <Keys keys count=record.key_count />
                <Packages packages=record.packages.clone() segments=record.segments.clone() />
                <Settings settings=record.settings.clone() />
                <Branding branding=record.branding.clone() />
                <Pipeline pipeline=record.pipeline.clone() />
            </div>
            <aside class="stack">
                <Resources resources=record.resources.clone() />
                <TenantFacts record />
            </aside>
        </div>
    }
}

/// The name with the status, a line with the identifiers, and the actions.
#[component]
fn TenantHead(record: TenantRecord) -> impl IntoView {
    let status = record.status.as_str();
    let TenantRecord { code, slug, plan, created_at, created_by, .. } = record.clone();
    let plan = expect_context::<PageContext>().plan_label(&plan);
    let lead = move || {
        view! {
            <span class="idline">
                <span>
                    <code>{code.clone()}</code>
                    <CopyButton text=code.clone() label="Copy code" icon_only=true />
                </span>
                <span>
                    <code>{slug.clone()}</code>
                    <CopyButton text=slug.clone() label="Copy slug" icon_only=true />
                </span>
                <span>{plan.clone()} " plan"</span>
                <span>"Created " <Time ms=created_at.0 /> " by " {created_by.clone()}</span>
            </span>
        }
        .into_any()
    };
    view! {
        <PageHead title=record.name.clone() lead badge=move || view! { <StatusBadge status /> }>
            <TenantActions record />
        </PageHead>
    }
}
