use domain::paths;
use leptos::prelude::*;

use super::{Icon, IconName, Kbd};
use crate::browser;

const SHORTCUTS_ID: &str = "shortcuts";
/// The name of the setting that turns off the single-key shortcuts.
const SETTING: &str = "shortcuts";
const OFF: &str = "off";

/// The keyboard shortcuts.
const SHORTCUTS: [(&str, &str); 3] = [
    ("/", "Search the history"),
    ("?", "Show these shortcuts"),
    ("Alt 1 to 3", "Use a suggested slug in the form"),
];

/// The search in the top bar, which also works without JavaScript, and the list of shortcuts. A user can turn
/// off the single-key shortcuts, because speech input and accidental key presses trigger them.
#[component]
pub(super) fn SearchAndShortcuts() -> impl IntoView {
    let is_on = RwSignal::new(true);
    Effect::new(move |_| is_on.set(browser::setting(SETTING).is_none()));
    browser::on_key(move |key| {
        match key {
            _ if !is_on.get_untracked() => return false,
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
                aria-keyshortcuts=move || is_on.get().then_some("/")
            />
            <Kbd attr:data-scripted="">"/"</Kbd>
        </form>
        <ShortcutsButton class="icon-btn wide-only" keys=Signal::derive(move || is_on.get().then_some("?")) />
        <div id=SHORTCUTS_ID class="shortcuts" popover="auto" role="dialog" aria-label="Keyboard shortcuts">
            <dl>{SHORTCUTS.map(row).collect_view()}</dl>
            <label>
                <input
                    type="checkbox"
                    checked
                    prop:checked=is_on
                    on:change=move |event| {
                        let on = event_target_checked(&event);
                        browser::set_setting(SETTING, (!on).then_some(OFF));
                        is_on.set(on);
                    }
                />
                "Use the shortcuts / and ?"
            </label>
        </div>
    }
}

/// The button that opens the list of shortcuts.
#[component]
pub(super) fn ShortcutsButton(
    class: &'static str,
    /// The shortcut of the button.
    #[prop(optional)]
    keys: Signal<Option<&'static str>>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=class
            popovertarget=SHORTCUTS_ID
            aria-label="Keyboard shortcuts"
            aria-keyshortcuts=move || keys.get()
            data-scripted=""
        >
            <span aria-hidden="true">"?"</span>
        </button>
    }
}
