use std::time::Duration;

use leptos::prelude::*;

use super::{Icon, IconName, browser};

/// How long "Copied" stays.
const SAID: Duration = Duration::from_secs(2);

/// Copies a text to the clipboard and says so. Needs scripting; hidden without it.
#[component]
pub fn CopyButton(
    #[prop(into)] text: Signal<String>,
    /// What it copies, for the button's name: "Copy secret key".
    #[prop(default = "Copy")]
    label: &'static str,
    /// Only the icon is seen.
    #[prop(optional)]
    icon_only: bool,
) -> impl IntoView {
    // None: nothing tried. Some(worked) for a moment after a press.
    let outcome = RwSignal::new(None::<bool>);
    let copy = move |_| {
        browser::copy(&text.get_untracked(), move |worked| {
            let _ = outcome.try_set(Some(worked));
            set_timeout(
                move || {
                    let _ = outcome.try_set(None);
                },
                SAID,
            );
        });
    };
    let word = move || match outcome.get() {
        Some(true) => "Copied",
        Some(false) => "Select it and copy by hand",
        None if icon_only => "",
        None => "Copy",
    };
    view! {
        <button
            type="button"
            class="btn copy"
            data-kind="ghost"
            data-size="small"
            data-copied=move || (outcome.get() == Some(true)).then_some("true")
            aria-label=label
            title=icon_only.then_some(label)
            on:click=copy
        >
            {move || {
                let name = if outcome.get() == Some(true) { IconName::Check } else { IconName::Copy };
                view! { <Icon name /> }
            }}
            <span role="status">{word}</span>
        </button>
    }
}

/// A key or id in full, selectable at one click, with a copy button.
#[component]
pub fn KeyBox(
    #[prop(into)] value: String,
    /// A word before it ("public").
    #[prop(optional, into)]
    label: String,
    /// The name of the copy button.
    #[prop(default = "Copy")]
    copy_label: &'static str,
    /// Shown once: drawn with more weight.
    #[prop(optional)]
    secret: bool,
) -> impl IntoView {
    view! {
        <div class="key-box" data-secret=secret.then_some("")>
            {(!label.is_empty()).then(|| view! { <span class="key-label">{label}</span> }.into_any())}
            <code>{value.clone()}</code>
            <CopyButton text=value label=copy_label />
        </div>
    }
}
