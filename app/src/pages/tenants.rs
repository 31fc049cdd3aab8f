//! `/tenants`: every tenant, with search, filters and sort in the URL.

mod empty;
mod filters;
mod table;

use domain::{TenantStatus, list_filter::ListFilter, paths, registry::TenantFilter};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use self::{empty::NoTenants, filters::Filters, table::TenantTable};
use super::{
    export_links::ExportLinks,
    filter_query::{QueryFilter, UrlFilter},
    page_resource::{ResourceView, polled_resource},
};
use crate::{
    page_context::PageContext,
    server_fns::{TenantsPage as Page, list_tenants, refresh_tenants},
    ui::{AppShell, ButtonKind, ButtonLink, Card, Crumb, IconName, Note, PageHead, Pager, Tone, number_text},
};

const PATH: &str = paths::TENANTS;

/// The page at `/tenants`.
#[component]
pub(crate) fn TenantsPage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(TenantFilter::from_query));
    let page = polled_resource(move || filter.get(), list_tenants, refresh_tenants);
    view! {
        <Title text="Tenants" />
        <AppShell
            current=PATH
            employee=context.employee_view()
            environment=context.environment
            breadcrumb=vec![Crumb::current("Tenants")]
        >
            <div data-testid="tenants-page">
                <PageHead title="Tenants" lead=|| "Every tenant, with its status, plan and owner.">
                    <ButtonLink href=paths::PROVISION kind=ButtonKind::Primary icon=IconName::Plus>
                        "Provision"
                    </ButtonLink>
                </PageHead>
                <ResourceView
                    resource=page
                    label="Loading the tenants"
                    path=Signal::derive(move || filter.get().path())
                    view=move |page| view! { <Listing page filter=filter.get() /> }.into_any()
                />
            </div>
        </AppShell>
    }
}

/// Leads to the tenants from sign-ups that wait for approval.
fn approval_queue(count: u32) -> AnyView {
    let waiting =
        TenantFilter { status: TenantStatus::PendingActivation.to_string(), ..TenantFilter::default() };
    let text = match count {
        1 => "1 sign-up waits for your approval.".to_owned(),
        count => format!("{} sign-ups wait for your approval.", number_text(count.into())),
    };
    view! {
        <div data-testid="tenants-approval">
            <Note tone=Tone::Warn title=text>
                <a href=waiting.path()>"Show the tenants that are pending activation"</a>
            </Note>
        </div>
    }
    .into_any()
}

#[component]
fn Listing(page: Page, filter: TenantFilter) -> impl IntoView {
    let count = page.list.tenants.len();
    let next = page.list.next.map(|after| filter.at(after).path());
    let first_page = filter.at(String::new());
    let first = (!filter.after.is_empty()).then(|| first_page.path());
    let summary = match (count, next.is_some() || first.is_some()) {
        (0, _) => String::new(),
        (1, false) => "1 tenant".into(),
        (count, false) => format!("{count} tenants"),
        (count, true) => format!("{count} on this page"),
    };
    let table = if count == 0 {
        view! { <NoTenants filter=filter.clone() hidden=page.hidden /> }.into_any()
    } else {
        view! { <TenantTable tenants=page.list.tenants /> }.into_any()
    };
    // An empty registry needs no filters.
    let has_filters = count > 0 || filter.is_filtered() || !filter.after.is_empty();
    let export = has_filters.then(|| {
        view! {
            <ExportLinks
                label="Download the matching tenants: "
                href=move |format| paths::api_tenants_export(&first_page.query_string(Some(format)))
            />
        }
    });
    let queue = (page.awaiting_approval > 0).then(|| approval_queue(page.awaiting_approval));
    view! {
        {queue}
        {has_filters.then(|| view! { <Filters filter counts=page.counts /> })}
        <Card>{table}</Card>
        <Pager summary newest=first older=next labels=["First page", "Next page"] />
        {export}
    }
}
