use domain::{
    ErrorCode, RequestStatus,
    error::Usage,
    history::{AdminName, HistoryFilter},
    paths,
};
use leptos::prelude::*;

use crate::{
    pages::filter_query::UrlFilter,
    ui::{FilterBar, FilterForm, FilterLink, FilterSelect, status_style},
};

/// The filters. The form and the links lead to the same URLs, so that both work without JavaScript.
#[component]
pub(super) fn Filters(filter: HistoryFilter, admins: Vec<AdminName>) -> impl IntoView {
    let statuses = status_links(&filter);
    let codes = ErrorCode::ALL
        .iter()
        .filter(|code| matches!(code.entry().usage, Usage::Current))
        .map(|code| (code.as_str().to_owned(), code.as_str().to_owned()));
    let admins = admins.into_iter().map(|admin| (admin.id.to_string(), admin.name));
    let days = [("1", "Last day"), ("7", "Last 7 days"), ("30", "Last 30 days")]
        .map(|(value, label)| (value.to_owned(), label.to_owned()));
    view! {
        {statuses}
        <FilterForm
            path=paths::HISTORY
            label="Filter the history"
            search_label="Search the history"
            placeholder="Slug, name, e-mail, code, request"
            q=filter.q
            name="history"
        >
            <input type="hidden" name="status" value=filter.status.clone() disabled=filter.status.is_empty() />
            <FilterSelect
                name="admin"
                label="Admin"
                any_label="Any admin"
                selected=filter.admin
                choices=admins.collect()
            />
            <FilterSelect
                name="code"
                label="Error code"
                any_label="Any error code"
                selected=filter.code
                choices=codes.collect()
            />
            <FilterSelect
                name="days"
                label="Period"
                any_label="Any time"
                selected=filter.days
                choices=days.to_vec()
            />
        </FilterForm>
    }
}

/// The links that select a status.
fn status_links(filter: &HistoryFilter) -> AnyView {
    let statuses = RequestStatus::ALL
        .iter()
        .map(|status| {
            let active = filter.status == status.as_str();
            let status_filter = if active { String::new() } else { status.as_str().to_owned() };
            let href = HistoryFilter { status: status_filter, after: String::new(), ..filter.clone() }.path();
            let label = status_style(status.as_str()).map_or(status.as_str(), |style| style.label);
            view! {
                <FilterLink href active>
                    {label}
                </FilterLink>
            }
        })
        .collect_view();
    view! { <FilterBar>{statuses}</FilterBar> }.into_any()
}
