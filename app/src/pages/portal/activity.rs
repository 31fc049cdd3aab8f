use domain::{
    activity::{ActivityChange, ActivityEntry, ActivityPage},
    portal::PortalPage,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::frame::{portal_data, portal_page, use_slug};
use crate::{
    server_fns::{PortalTenant, open_portal_activity},
    ui::{Card, EmptyState, IconName, Pager, Time},
};

/// The query parameter with the cursor of a page.
const BEFORE: &str = "before";

/// The page with what happened in a tenant.
#[component]
pub(crate) fn PortalActivityPage() -> impl IntoView {
    let slug = use_slug();
    let query = use_query_map();
    let before = Memo::new(move |_| query.with(|query| query.get(BEFORE)).unwrap_or_default());
    let data =
        portal_data(move || (slug.get(), before.get()), |(slug, before)| open_portal_activity(slug, before));
    let view = move |ActivityPage { entries, next }: ActivityPage, tenant: PortalTenant| {
        let path = PortalPage::Activity.path(&tenant.slug);
        let newest = (!before.get_untracked().is_empty()).then(|| path.clone());
        let older = next.map(|cursor| format!("{path}?{BEFORE}={cursor}"));
        let summary = match entries.len() {
            0 => String::new(),
            1 => "1 entry".to_owned(),
            count => format!("{count} entries"),
        };
        view! {
            <Card>
                <ActivityList entries />
            </Card>
            <Pager summary newest older />
        }
        .into_any()
    };
    let sentence = "Who changed what in this tenant, the latest first.";
    portal_page(PortalPage::Activity, sentence, slug, data, None, view)
}

/// Entries as sentences, each with the fields that changed.
#[component]
pub(super) fn ActivityList(entries: Vec<ActivityEntry>) -> impl IntoView {
    if entries.is_empty() {
        return view! {
            <EmptyState
                icon=IconName::History
                title="Nothing has happened yet"
                sentence="Each change of the tenant appears here."
            />
        }
        .into_any();
    }
    let entries = entries.into_iter().map(entry).collect::<Vec<_>>();
    view! {
        <ol class="activity" data-testid="portal-activity">
            {entries}
        </ol>
    }
    .into_any()
}

fn entry(entry: ActivityEntry) -> AnyView {
    let ActivityEntry { at, who, what, changes, .. } = entry;
    let changes = changes.into_iter().map(change).collect::<Vec<_>>();
    let changes = (!changes.is_empty()).then(|| view! { <ul class="changes">{changes}</ul> }.into_any());
    view! {
        <li>
            <p>
                <b>
                    <bdi>{who}</bdi>
                </b>
                " "
                <bdi>{what}</bdi>
            </p>
            <span class="sub">
                <Time ms=at.0 />
            </span>
            {changes}
        </li>
    }
    .into_any()
}

fn change(change: ActivityChange) -> AnyView {
    let value = |text: String| if text.is_empty() { "nothing".to_owned() } else { text };
    view! {
        <li>
            <span>{change.label}</span>
            " from "
            <bdi class="before">{value(change.before)}</bdi>
            " to "
            <bdi class="after">{value(change.after)}</bdi>
        </li>
    }
    .into_any()
}
