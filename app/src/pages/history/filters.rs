use domain::{
    ErrorCode, RequestStatus,
    error::Usage,
    history::{AdminName, HistoryFilter},
};
use leptos::prelude::*;

use super::address;
use crate::ui::{Button, FilterBar, FilterLink, status_look};

/// The filters: a form that gets the same address as the chips, with or without scripting.
#[component]
pub(super) fn Filters(filter: HistoryFilter, admins: Vec<AdminName>) -> impl IntoView {
    let statuses = RequestStatus::ALL
        .iter()
        .map(|status| {
            let on = filter.status == status.as_str();
            let chosen = if on { String::new() } else { status.as_str().to_owned() };
            let href = address(&HistoryFilter { status: chosen, after: String::new(), ..filter.clone() });
            let word = status_look(status.as_str()).map_or(status.as_str(), |look| look.word);
            view! {
                <FilterLink href on>
                    {word}
                </FilterLink>
            }
        })
        .collect_view();
    let codes = ErrorCode::ALL
        .iter()
        .filter(|code| matches!(code.entry().usage, Usage::Current))
        .map(|code| (code.as_str().to_owned(), code.as_str().to_owned()));
    let admins = admins.into_iter().map(|admin| (admin.id.to_string(), admin.name));
    let days = [("1", "Last day"), ("7", "Last 7 days"), ("30", "Last 30 days")]
        .map(|(value, words)| (value.to_owned(), words.to_owned()));
    view! {
        <FilterBar>{statuses}</FilterBar>
        <form class="filters" method="get" action="/provisioning" role="search" aria-label="In the history">
            <input
                type="hidden"
                name="status"
                value=filter.status.clone()
                disabled=filter.status.is_empty()
            />
            <input
                class="input"
                type="search"
                name="q"
                value=filter.q.clone()
                aria-label="Search the history"
                placeholder="Slug, name, e-mail, code, request"
                data-testid="history-search"
            />
            <Choice
                name="admin"
                label="Admin"
                any="Any admin"
                chosen=filter.admin.clone()
                choices=admins.collect()
            />
            <Choice
                name="code"
                label="Error code"
                any="Any code"
                chosen=filter.code.clone()
                choices=codes.collect()
            />
            <Choice
                name="days"
                label="Period"
                any="Any time"
                chosen=filter.days.clone()
                choices=days.to_vec()
            />
            <Button submit=true attr:data-testid="history-apply">
                "Search"
            </Button>
        </form>
    }
}

#[component]
fn Choice(
    name: &'static str,
    label: &'static str,
    any: &'static str,
    chosen: String,
    choices: Vec<(String, String)>,
) -> impl IntoView {
    let option = |(value, words): (String, String)| {
        let selected = value == chosen;
        view! {
            <option value=value selected=selected>
                {words}
            </option>
        }
        .into_any()
    };
    view! {
        <select class="input" name=name aria-label=label>
            <option value="">{any}</option>
            {choices.into_iter().map(option).collect_view()}
        </select>
    }
}
