use domain::paths;
use leptos::prelude::*;

use super::{Icon, IconName, Kbd};
use crate::browser;

const SHORTCUTS_ID: &str = "shortcuts";

/// The keyboard shortcuts.
const SHORTCUTS: [(&str, &str); 3] = [
    ("/", "Search the history"),
    ("?", "Show these shortcuts"),
    ("Alt 1 to 3", "Use a suggested slug in the form"),
];

/// The search in the top bar, and the list of shortcuts. Both work without JavaScript.
#[component]
pub(super) fn SearchAndShortcuts() -> impl IntoView {
    browser::on_key(|key| {
        match key {
            "/" => browser::focus("#search"),
            "?" => browser::toggle_popover(SHORTCUTS_ID),
            _ => return false,
        }
        true
    });
    let row = |(keys, description): (&'static str, &'static str)| {
        view! {
            <div>
                <dt>
                    <Kbd>{keys}</Kbd>
                </dt>
                <dd>{description}</dd>
            </div>
        }
        .into_any()
    };
    view! {
        <form class="search" method="get" action=paths::HISTORY role="search" aria-label="Search">
            <Icon name=IconName::Search />
            <input
                id="search"
                type="search"
                name="q"
                aria-label="Search the history"
                placeholder="Search"
                autocomplete="off"
                aria-keyshortcuts="/"
            />
            <Kbd>"/"</Kbd>
        </form>
        <button
            type="button"
            class="icon-btn wide-only"
            popovertarget=SHORTCUTS_ID
            aria-label="Keyboard shortcuts"
            aria-keyshortcuts="?"
        >
            <span aria-hidden="true">"?"</span>
        </button>
        <div id=SHORTCUTS_ID class="shortcuts" popover="auto" role="dialog" aria-label="Keyboard shortcuts">
            <dl>{SHORTCUTS.map(row).collect_view()}</dl>
        </div>
    }
}
