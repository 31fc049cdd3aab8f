//! The alternatives to a slug that is taken.

use std::sync::Arc;

use domain::slug::Slug;
use leptos::{ev, prelude::*};

use super::value_check::CheckResult;
use crate::ui::{Chip, Chips};

/// Replaces the slug with a suggestion.
pub(super) type ApplySlug = Arc<dyn Fn(&Slug) + Send + Sync>;

/// Up to three available slugs. A click applies one, and so does Alt+1 to 3 if `has_shortcuts` is true.
#[component]
pub(super) fn SlugSuggestions(
    check: RwSignal<CheckResult>,
    apply: ApplySlug,
    /// The `data-testid` of each suggestion.
    testid: &'static str,
    #[prop(optional)] has_shortcuts: bool,
) -> impl IntoView {
    let chips = move || {
        let slugs = check.with(|check| check.suggestions.clone());
        let chip = |(index, slug): (usize, Slug)| {
            let (text, apply) = (slug.to_string(), apply.clone());
            let apply_slug = move |_| apply(&slug);
            if !has_shortcuts {
                return view! { <Chip text on:click=apply_slug attr:data-testid=testid /> }.into_any();
            }
            let keys = format!("Alt+{}", index + 1);
            view! { <Chip text keys on:click=apply_slug attr:data-testid=testid /> }.into_any()
        };
        slugs.into_iter().enumerate().map(chip).collect::<Vec<_>>()
    };
    let texts = move || {
        check.with(|check| check.suggestions.iter().map(Slug::to_string).collect::<Vec<_>>().join(", "))
    };
    view! {
        <div data-scripted="">
            <Chips label="Available slugs">{chips}</Chips>
        </div>
        <p class="without-scripts small">"Available: " <code>{texts}</code></p>
    }
}

/// Applies a suggested slug on Alt+1 to 3.
pub(super) fn apply_on_shortcut(check: RwSignal<CheckResult>, apply: ApplySlug) {
    Effect::new(move |_| {
        let apply = apply.clone();
        let listener = window_event_listener(ev::keydown, move |event| {
            let index = match event.code().as_str() {
                "Digit1" => 0,
                "Digit2" => 1,
                "Digit3" => 2,
                _ => return,
            };
            let slug = check.with_untracked(|check| check.suggestions.get(index).cloned());
            if let Some(slug) = slug.filter(|_| event.alt_key() && !event.ctrl_key()) {
                event.prevent_default();
                apply(&slug);
            }
        });
        on_cleanup(move || listener.remove());
    });
}
