//! `/provisioning`: every provisioning request, with filters in the URL.

mod filters;
mod table;

use domain::{
    history::{HistoryFilter, HistoryPage as Page},
    list_filter::ListFilter,
    paths,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[cfg(feature = "ssr")]
pub(super) use self::table::REQUEST_COLUMNS;
use self::{filters::Filters, table::RequestTable};
use super::{
    export_links::ExportLinks,
    filter_query::{QueryFilter, UrlFilter},
    page_resource::{ResourceView, polled_resource},
};
use crate::{
    page_context::PageContext,
    server_fns::{list_requests, refresh_requests},
    ui::{AppShell, ButtonKind, ButtonLink, Card, Crumb, EmptyState, IconName, PageHead, Pager},
};

const PATH: &str = paths::HISTORY;

/// The page at `/provisioning`.
#[component]
pub(crate) fn HistoryPage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(HistoryFilter::from_query));
    let page = polled_resource(move || filter.get(), list_requests, refresh_requests);
    view! {
        <Title text="Provisioning history" />
        <AppShell
            current=PATH
            employee=context.employee_view()
            environment=context.environment
            breadcrumb=vec![Crumb::current("History")]
        >
            <div data-testid="history-page">
                <PageHead
                    title="Provisioning history"
                    lead=|| "Every provisioning request, with its outcome."
                >
                    <ButtonLink href=paths::PROVISION kind=ButtonKind::Primary icon=IconName::Plus>
                        "Provision"
                    </ButtonLink>
                </PageHead>
                <ResourceView
                    resource=page
                    label="Loading the history"
                    path=Signal::derive(move || filter.get().path())
                    view=move |page| view! { <Listing page filter=filter.get() /> }.into_any()
                />
            </div>
        </AppShell>
    }
}

#[component]
fn Listing(page: Page, filter: HistoryFilter) -> impl IntoView {
    let count = page.requests.len();
    let older = page.next.map(|after| filter.at(after).path());
    let first_page = filter.at(String::new());
    let newest = (!filter.after.is_empty()).then(|| first_page.path());
    let table = if count == 0 {
        view! { <NoRequests is_filtered=filter.is_filtered() /> }.into_any()
    } else {
        view! { <RequestTable requests=page.requests /> }.into_any()
    };
    let summary = match (count, older.is_some() || newest.is_some()) {
        (0, _) => String::new(),
        (1, false) => "1 request".into(),
        (count, false) => format!("{count} requests"),
        (count, true) => format!("{count} on this page"),
    };
    view! {
        <Filters filter admins=page.admins />
        <Card>{table}</Card>
        <Pager summary newest older />
        <ExportLinks
            label="Download the matching requests: "
            href=move |format| paths::api_request_export(&first_page.query_string(Some(format)))
        />
    }
}

#[component]
fn NoRequests(is_filtered: bool) -> impl IntoView {
    if is_filtered {
        view! {
            <EmptyState
                icon=IconName::Search
                title="No matching requests"
                sentence="Search for the start of a slug, name or e-mail, or for a complete code, request ID or key."
            >
                <ButtonLink href=PATH>"Clear the filters"</ButtonLink>
            </EmptyState>
        }
        .into_any()
    } else {
        view! {
            <EmptyState
                icon=IconName::History
                title="No requests yet"
                sentence="Successful and failed provisioning requests are listed here."
            >
                <ButtonLink href=paths::PROVISION kind=ButtonKind::Primary>
                    "Provision the first tenant"
                </ButtonLink>
            </EmptyState>
        }
        .into_any()
    }
}
