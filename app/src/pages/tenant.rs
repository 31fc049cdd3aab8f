//! `/tenants/{code}`: one tenant with everything that belongs to it. Each section has its own module. Actions
//! on the tenant belong in [`actions`], and those on a part of the tenant in the section of this part.

mod action_dialog;
mod action_state;
mod actions;
mod branding;
mod domains;
mod export_link;
mod facts;
mod key_table;
mod keys;
mod notice;
mod owner;
mod owner_action;
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
    action_state::ActionState,
    actions::{ACTIONS, tenant_actions},
    branding::Branding,
    domains::Domains,
    export_link::ExportLink,
    facts::TenantFacts,
    keys::Keys,
    notice::StatusNotice,
    owner::Owner,
    packages::Packages,
    pipeline::Pipeline,
    quotas::Quotas,
    resources::Resources,
    settings::Settings,
};
use super::{
    outcome::{ONE_TIME_DETAILS, one_time_details},
    page_resource::ResourceView,
};
use crate::{
    browser,
    page_context::PageContext,
    server_fns::{OpenedTenant, open_tenant},
    ui::{AppShell, ButtonLink, CopyButton, Crumb, IconName, PageHead, StatusBadge, Time},
};

/// The parts of the page.
#[cfg(feature = "hydrate")]
pub(crate) const PARTS: &[&crate::part::Part] =
    &[&ACTIONS, &notice::NOTICE, &owner_action::OWNER_ACTION, &key_table::KEY_TABLE, &ONE_TIME_DETAILS];

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
    let state = ActionState::new(tenant);
    // The heading appears when the tenant is loaded, which is later than the page. An action moves the focus
    // itself.
    let is_new_page = StoredValue::new(true);
    let view = move |opened: OpenedTenant| {
        if opened.record.code != reference.get_untracked() {
            let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
            return view! { <Redirect path=paths::tenant(&opened.record.code) options /> }.into_any();
        }
        if is_new_page.try_update_value(std::mem::take) == Some(true) {
            browser::focus_new_page();
        }
        view! { <Tenant opened state /> }.into_any()
    };
    // The secrets of a tenant are not shown on the page of another one.
    Effect::new(move |former: Option<String>| {
        let current = reference.get();
        if former.is_some_and(|former| former != current) {
            state.secrets.clear();
        }
        current
    });
    let secrets = move || {
        let path = paths::tenant(reference.get());
        (!state.secrets.is_empty())
            .then(|| ONE_TIME_DETAILS.view(move || Box::pin(one_time_details(state.secrets, path.clone()))))
    };
    view! {
        <Title text="Tenant" />
        <AppShell
            current=paths::TENANTS
            employee=context.employee_view()
            environment=context.environment
            breadcrumb=vec![Crumb::link("Tenants", paths::TENANTS), Crumb::current("Tenant")]
        >
            // Screen readers announce each action.
            <p class="visually-hidden" role="status">
                {move || state.announcement.get()}
            </p>
            {secrets}
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
fn Tenant(opened: OpenedTenant, state: ActionState) -> impl IntoView {
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
        <TenantHead record=record.clone() state />
        <StatusNotice record=record.clone() state />
        <nav class="tabs" aria-label="Sections">
            {links.into_iter().collect_view()}
        </nav>
        <div class="columns" data-wide="">
            <div class="stack">
                <Quotas record=record.clone() />
                <Owner record=record.clone() state />
                <Keys record=record.clone() keys state />
                <Packages packages=record.packages.clone() segments=record.segments.clone() />
                <Settings settings=record.settings.clone() />
                <Branding branding=record.branding.clone() />
                <Pipeline pipeline=record.pipeline.clone() lifecycle_job=record.lifecycle_job.clone() />
            </div>
            <aside class="stack">
                <Domains domains=record.domains.clone() />
                <Resources resources=record.resources.clone() />
                <TenantFacts record />
            </aside>
        </div>
    }
}

/// The name with the status, a line with the identifiers, and the actions.
#[component]
fn TenantHead(record: TenantRecord, state: ActionState) -> impl IntoView {
    let context = expect_context::<PageContext>();
    let status = record.status.as_str();
    let TenantRecord { code, slug, plan, created_at, created_by, .. } = record.clone();
    let plan = context.plan_label(&plan);
    let (title, request) = (record.name.clone(), paths::request(record.request_id));
    let exported = code.clone();
    let actions = context
        .may_provision
        .then(move || ACTIONS.view(move || Box::pin(tenant_actions(record.clone(), state))));
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
        <PageHead title lead badge=move || view! { <StatusBadge status /> }>
            {actions}
            <ExportLink code=exported />
            <ButtonLink href=request icon=IconName::History>
                "Open the request"
            </ButtonLink>
        </PageHead>
    }
}
