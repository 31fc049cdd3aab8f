//! `/audit`: who changed what, and whether the log is intact. The server prepares the sentences and differences.

mod chain;
mod changes;
mod entries;
mod erasure;
mod filters;

use domain::{audit::AuditFilter, list_filter::ListFilter, paths};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::{chain::Chain, entries::Entries, erasure::ErasurePage, filters::Filters};
use super::{
    export_links::ExportLinks,
    filter_query::{QueryFilter, UrlFilter},
    not_found::NotFound,
    page_resource::{ResourceView, polled_resource},
};
use crate::{
    page_context::PageContext,
    server_fns::{AuditContent, open_audit, refresh_audit},
    ui::{AppShell, ButtonLink, Card, Crumb, EmptyState, IconName, PageHead, Pager},
};

/// The parts of the page.
#[cfg(feature = "hydrate")]
pub(crate) const PARTS: &[&crate::part::Part] = &[&erasure::ERASURE_FORMS];

/// The pages at `/audit` and `/audit/erase`, which share a route, and therefore a chunk of code.
#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let params = use_params_map();
    let page = Memo::new(move |_| params.with(|params| params.get("page")));
    move || match page.get().as_deref() {
        None => view! { <LogPage /> }.into_any(),
        Some("erase") => view! { <ErasurePage /> }.into_any(),
        Some(_) => view! { <NotFound /> }.into_any(),
    }
}

/// The page at `/audit`.
#[component]
fn LogPage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(AuditFilter::from_query));
    let content = polled_resource(move || filter.get(), open_audit, refresh_audit);
    view! {
        <Title text="Audit log" />
        <AppShell
            current=paths::AUDIT
            employee=context.employee_view()
            environment=context.environment
            breadcrumb=vec![Crumb::current("Audit log")]
        >
            <div data-testid="audit-page">
                <PageHead
                    title="Audit log"
                    lead=|| "Who changed what, and when. Entries cannot be edited or removed."
                />
                <ResourceView
                    resource=content
                    label="Loading the audit log"
                    path=Signal::derive(move || filter.get().path())
                    view=move |content| view! { <Listing content filter=filter.get() /> }.into_any()
                />
            </div>
        </AppShell>
    }
}

#[component]
fn Listing(content: AuditContent, filter: AuditFilter) -> impl IntoView {
    let count: usize = content.days.iter().map(|day| day.entries.len()).sum();
    let older = content.next.map(|after| filter.at(after).path());
    let first_page = filter.at(String::new());
    let newest = (!filter.after.is_empty()).then(|| first_page.path());
    let entries = match count {
        0 => view! { <NoEntries is_filtered=filter.is_filtered() /> }.into_any(),
        _ => view! { <Entries days=content.days /> }.into_any(),
    };
    let summary = match count {
        0 => String::new(),
        1 => "1 entry".to_owned(),
        count => format!("{count} entries on this page"),
    };
    view! {
        <div class="stacked">
            <Chain verification=content.verification />
            <div>
                <Filters filter employees=content.employees actions=content.actions />
                <Card>{entries}</Card>
                <Pager summary newest older />
                <ExportLinks
                    label="Download the matching entries: "
                    href=move |format| paths::api_audit_export(&first_page.query_string(Some(format)))
                />
                {content
                    .may_erase
                    .then(|| {
                        view! {
                            <p class="sub">
                                <a href=paths::ERASE_PERSON data-testid="audit-erase">
                                    "Erase the personal data of a person"
                                </a>
                            </p>
                        }
                            .into_any()
                    })}
            </div>
        </div>
    }
}

#[component]
fn NoEntries(is_filtered: bool) -> impl IntoView {
    if !is_filtered {
        return view! {
            <EmptyState
                icon=IconName::History
                title="No entries yet"
                sentence="Each change of a tenant, a key or an employee adds an entry."
            />
        }
        .into_any();
    }
    view! {
        <EmptyState
            icon=IconName::Search
            title="No matching entries"
            sentence="Search for the start of the name of a tenant or a person, or for a complete code, e-mail, request ID or entry ID."
        >
            <ButtonLink href=paths::AUDIT>"Clear the filters"</ButtonLink>
        </EmptyState>
    }
    .into_any()
}
