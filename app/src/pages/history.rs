//! `/provisioning`: every request, with filters that stand in the address.

mod filters;
mod table;

use std::time::Duration;

use domain::history::{HistoryFilter, HistoryPage as Page};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

use self::{filters::Filters, table::RequestTable};
use super::wording::FailureState;
use crate::{
    browser,
    server_fns::{list_requests, refresh_requests},
    ui::{AppShell, ButtonKind, ButtonLink, Card, Crumb, EmptyState, IconName, PageHead, Pager, Skeleton},
    visitor::PageContext,
};

const ADDRESS: &str = "/provisioning";

/// How often the list is read again while nobody is using it.
const REFRESH: Duration = Duration::from_secs(5);

/// The history of every attempt.
#[component]
pub(crate) fn HistoryPage() -> impl IntoView {
    let surroundings = expect_context::<PageContext>();
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(filter_of));
    let unattended = StoredValue::new(false);
    let page = Resource::new_blocking(
        move || filter.get(),
        move |filter| {
            let unattended = unattended.try_update_value(std::mem::take).unwrap_or_default();
            async move { if unattended { refresh_requests(filter).await } else { list_requests(filter).await } }
        },
    );
    browser::every(REFRESH, move || {
        if browser::is_idle() {
            unattended.set_value(true);
            page.refetch();
        }
    });
    view! {
        <Title text="Provisioning history" />
        <AppShell
            current=ADDRESS
            person=surroundings.person_view()
            environment=surroundings.environment
            breadcrumb=vec![Crumb::here("History")]
        >
            <div data-testid="history-page">
                <PageHead
                    title="Provisioning history"
                    lead=|| "Every attempt, with what it made and what it did not."
                >
                    <ButtonLink href="/provision" kind=ButtonKind::Primary icon=IconName::Plus>
                        "Provision"
                    </ButtonLink>
                </PageHead>
                <Transition fallback=|| {
                    view! { <Skeleton label="Loading the history" /> }
                }>
                    {move || {
                        page.get()
                            .map(|page| match page {
                                Ok(page) => view! { <Listing page filter=filter.get() /> }.into_any(),
                                Err(failure) => {
                                    view! {
                                        <Card>
                                            <FailureState failure address=address(&filter.get()) />
                                        </Card>
                                    }
                                        .into_any()
                                }
                            })
                    }}
                </Transition>
            </div>
        </AppShell>
    }
}

#[component]
fn Listing(page: Page, filter: HistoryFilter) -> impl IntoView {
    let count = page.requests.len();
    let older = page.next.map(|after| address(&HistoryFilter { after, ..filter.clone() }));
    let newest = (!filter.after.is_empty())
        .then(|| address(&HistoryFilter { after: String::new(), ..filter.clone() }));
    let table = if count == 0 {
        view! { <Nothing narrowed=filter.is_narrowed() /> }.into_any()
    } else {
        view! { <RequestTable requests=page.requests /> }.into_any()
    };
    let summary = match (count, older.is_some() || newest.is_some()) {
        (0, _) => String::new(),
        (1, false) => "1 request".into(),
        (count, false) => format!("{count} requests"),
        (count, true) => format!("{count} on this page"),
    };
    let export = [("csv", "CSV"), ("json", "JSON")].map(|(format, words)| {
        let href = format!(
            "/api/v1/admin/provisioning-requests/export{}",
            query_of(&HistoryFilter { after: String::new(), ..filter.clone() }, Some(format))
        );
        view! {
            <a href=href rel="external" download>
                {words}
            </a>
            " "
        }
        .into_any()
    });
    view! {
        <Filters filter admins=page.admins />
        <Card>{table}</Card>
        <Pager summary newer=newest older=older />
        <p class="muted small">"Download what matches: " {export.into_iter().collect_view()}</p>
    }
}

#[component]
fn Nothing(narrowed: bool) -> impl IntoView {
    if narrowed {
        view! {
            <EmptyState
                icon=IconName::Search
                title="Nothing matches"
                sentence="The search finds the start of a slug, name or e-mail, or a whole code, request or key."
            >
                <ButtonLink href=ADDRESS>"Show everything"</ButtonLink>
            </EmptyState>
        }
        .into_any()
    } else {
        view! {
            <EmptyState
                icon=IconName::History
                title="No attempts yet"
                sentence="Every tenant that is made, and every one that is not, will be listed here."
            >
                <ButtonLink href="/provision" kind=ButtonKind::Primary>
                    "Provision the first tenant"
                </ButtonLink>
            </EmptyState>
        }
        .into_any()
    }
}

fn filter_of(query: &ParamsMap) -> HistoryFilter {
    let text = |name| query.get(name).unwrap_or_default();
    HistoryFilter {
        q: text("q"),
        status: text("status"),
        code: text("code"),
        admin: text("admin"),
        days: text("days"),
        after: text("after"),
    }
}

/// The address of the history with a filter.
pub(super) fn address(filter: &HistoryFilter) -> String {
    format!("{ADDRESS}{}", query_of(filter, None))
}

/// A filter as the query of an address; what is empty is left out.
fn query_of(filter: &HistoryFilter, format: Option<&str>) -> String {
    let pairs = [
        ("q", &filter.q),
        ("status", &filter.status),
        ("code", &filter.code),
        ("admin", &filter.admin),
        ("days", &filter.days),
        ("after", &filter.after),
    ];
    let mut query = ParamsMap::new();
    for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
        query.insert(name, value.clone());
    }
    if let Some(format) = format {
        query.insert("format", format.to_owned());
    }
    query.to_query_string()
}
