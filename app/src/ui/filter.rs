use leptos::prelude::*;

use super::{Button, Icon, IconName, select_options};

/// The GET form of a list: a search, the other filters (the children), and the button. It leads to the same
/// URLs as the links of a [`FilterBar`], and works without JavaScript.
#[component]
pub fn FilterForm(
    /// The path of the list.
    #[prop(into)]
    path: String,
    /// The name of the form for screen readers, such as "Filter the history".
    label: &'static str,
    /// The name of the search for screen readers, such as "Search the history".
    search_label: &'static str,
    /// What the search finds, such as "Name, slug, code".
    placeholder: &'static str,
    /// The current search.
    q: String,
    /// The start of the test IDs: `history` for `history-search` and `history-apply`.
    name: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <form class="filters" method="get" action=path role="search" aria-label=label>
            <input
                class="input"
                type="search"
                name="q"
                value=q
                aria-label=search_label
                placeholder=placeholder
                data-testid=format!("{name}-search")
            />
            {children.map(|children| children())}
            <Button submit=true attr:data-testid=format!("{name}-apply")>
                "Search"
            </Button>
        </form>
    }
}

/// The filters of a list: links or a GET form, so that a filtered page has its own URL.
#[component]
pub fn FilterBar(children: Children) -> impl IntoView {
    view! {
        <div class="filters" role="group" aria-label="Filters">
            {children()}
        </div>
    }
}

/// A filter that can be active or inactive. `href` is the URL that toggles the filter.
#[component]
pub fn FilterLink(
    #[prop(into)] href: String,
    #[prop(optional)] active: bool,
    /// Whether the link removes the filter while it is active.
    #[prop(default = true)]
    removable: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="filter" href=href aria-current=active.then_some("true")>
            {children()}
            {(active && removable)
                .then(|| {
                    view! {
                        <Icon name=IconName::Cross />
                        <span class="visually-hidden">" (remove)"</span>
                    }
                        .into_any()
                })}
        </a>
    }
}

/// A filter of a GET form with a list of choices.
#[component]
pub fn FilterSelect(
    /// The name of the query parameter.
    name: &'static str,
    label: &'static str,
    /// The label of the empty value, such as "Any plan".
    any_label: &'static str,
    selected: String,
    /// The other values with their labels.
    choices: Vec<(String, String)>,
) -> impl IntoView {
    view! {
        <select class="input" name=name aria-label=label>
            <option value="">{any_label}</option>
            {select_options(choices, &selected)}
        </select>
    }
}
