use leptos::prelude::*;

use super::{ButtonLink, Icon, IconName};

/// Around a `<table class="table">`. In a narrow place its rows become cards, in which a cell's
/// `data-label` stands before it.
#[component]
pub fn TableRegion(
    /// What the table lists.
    #[prop(into)]
    label: String,
    /// The table has few and narrow columns, and needs cards only on a phone.
    #[prop(optional)]
    small: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-region" role="region" aria-label=label data-small=small.then_some("")>
            {children()}
        </div>
    }
}

/// The filters of a list. They are links or a GET form, so a filtered page has an address.
#[component]
pub fn FilterBar(children: Children) -> impl IntoView {
    view! {
        <div class="filters" role="group" aria-label="Filters">
            {children()}
        </div>
    }
}

/// A filter that is on or off. `href` is where pressing it leads: with it, or without.
#[component]
pub fn FilterLink(
    #[prop(into)] href: String,
    #[prop(optional)] on: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="filter" href=href aria-current=on.then_some("true")>
            {children()}
            {on
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

/// The foot of a keyset-paged list: what is shown, and the ways to go on.
#[component]
pub fn Pager(
    /// "25 of 128".
    #[prop(into)]
    summary: String,
    /// Address of the newer page, if there is one.
    #[prop(optional_no_strip)]
    newer: Option<String>,
    /// Address of the older page, if there is one.
    #[prop(optional_no_strip)]
    older: Option<String>,
) -> impl IntoView {
    let page = |(href, rel, word): (String, &'static str, &'static str)| {
        view! {
            <li>
                <ButtonLink href small=true attr:rel=rel>
                    {word}
                </ButtonLink>
            </li>
        }
        .into_any()
    };
    let newer = newer.map(|href| page((href, "prev", "Newer")));
    let older = older.map(|href| page((href, "next", "Older")));
    view! {
        <nav class="pager" aria-label="Pages">
            <p>{summary}</p>
            <ul>{newer}{older}</ul>
        </nav>
    }
}
