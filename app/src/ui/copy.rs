use std::time::Duration;

use leptos::prelude::*;

use super::{Icon, IconName};
use crate::browser;

/// How long "Copied" is shown.
const FEEDBACK_TIME: Duration = Duration::from_secs(2);

/// A button that copies `text` to the clipboard. Hidden without JavaScript.
#[component]
pub fn CopyButton(
    #[prop(into)] text: Signal<String>,
    /// The button's accessible name, such as "Copy secret key".
    #[prop(default = "Copy")]
    label: &'static str,
    /// Shows only the icon.
    #[prop(optional)]
    icon_only: bool,
    /// Called after the text was copied.
    #[prop(optional_no_strip)]
    on_copied: Option<Callback<()>>,
) -> impl IntoView {
    // Whether the latest copy succeeded. `None` after `FEEDBACK_TIME`.
    let outcome = RwSignal::new(None::<bool>);
    let copy = move |_| {
        browser::copy(&text.get_untracked(), move |succeeded| {
            let _ = outcome.try_set(Some(succeeded));
            if let Some(on_copied) = on_copied.filter(|_| succeeded) {
                let _ = on_copied.try_run(());
            }
            set_timeout(
                move || {
                    let _ = outcome.try_set(None);
                },
                FEEDBACK_TIME,
            );
        });
    };
    let outcome_text = move || {
        outcome.get().map(|succeeded| match succeeded {
            true => "Copied",
            false => "Copying failed. Select the text instead.",
        })
    };
    let default_text = if icon_only { "" } else { "Copy" };
    view! {
        <button
            type="button"
            class="btn copy"
            data-kind="ghost"
            data-size="small"
            data-copied=move || (outcome.get() == Some(true)).then_some("true")
            aria-label=label
            title=icon_only.then_some(label)
            data-scripted=""
            on:click=copy
        >
            {move || {
                let name = if outcome.get() == Some(true) { IconName::Check } else { IconName::Copy };
                view! { <Icon name /> }
            }}
            <span>{move || outcome_text().unwrap_or(default_text)}</span>
        </button>
        // Outside the button, because screen readers ignore a status inside a button.
        <span class="visually-hidden" role="status">
            {outcome_text}
        </span>
    }
}

/// A complete key or ID with a copy button. One click selects the value.
#[component]
pub fn KeyBox(
    #[prop(into)] value: String,
    /// A label before the value, such as "public".
    #[prop(optional, into)]
    label: String,
    /// The copy button's accessible name.
    #[prop(default = "Copy")]
    copy_label: &'static str,
    /// A secret that is shown only once, which the box emphasises.
    #[prop(optional)]
    secret: bool,
    /// Called after the value was copied, also by selecting it.
    #[prop(optional)]
    on_copied: Option<Callback<()>>,
) -> impl IntoView {
    let copied_by_hand = move |_| {
        if let Some(on_copied) = on_copied {
            on_copied.run(());
        }
    };
    view! {
        <div class="key-box" data-secret=secret.then_some("")>
            {(!label.is_empty()).then(|| view! { <span class="key-label">{label}</span> }.into_any())}
            <code on:copy=copied_by_hand>{value.clone()}</code>
            <CopyButton text=value label=copy_label on_copied />
        </div>
    }
}
