use domain::{provisioning::DraftField, slug::Slug};
use leptos::{ev, prelude::*};

use super::super::{fields::submit_status, state::FormState};
use crate::{
    page_context::PageContext,
    ui::{Chip, Chips, Field, FieldStatus, InputGroup, described_by},
};

/// The slug with its availability check. If the slug is taken, a click or Alt+1 to 3 applies one of three
/// available slugs.
#[component]
pub(super) fn SlugField(state: FormState) -> impl IntoView {
    let host = expect_context::<PageContext>().host;
    let text = Memo::new(move |_| state.draft.with(|draft| draft.slug.clone()));
    let status = Signal::derive(move || match state.checks.slug_status(&text.get()) {
        FieldStatus::Empty => submit_status(state, DraftField::Slug),
        status => status,
    });
    let suggestions = Memo::new(move |_| state.checks.suggestions(&text.get()));
    apply_on_shortcut(state, suggestions);
    let chips = move || {
        let chip = move |(index, slug): (usize, Slug)| {
            let text = slug.to_string();
            view! {
                <Chip
                    text
                    keys=format!("Alt+{}", index + 1)
                    on:click=move |_| state.apply_slug(&slug)
                    attr:data-testid="prov-slug-suggestion"
                />
            }
        };
        let suggestions = suggestions.get();
        (!suggestions.is_empty()).then(move || {
            view! {
                <Chips label="Available slugs">
                    {suggestions.into_iter().enumerate().map(chip).collect_view()}
                </Chips>
            }
        })
    };
    view! {
        <Field
            id="slug"
            label=DraftField::Slug.label()
            status
            status_testid="prov-slug-status"
            extra=move || chips
        >
            <InputGroup prefix=format!("{host}/")>
                <input
                    class="input"
                    id="slug"
                    name=DraftField::Slug.form_name()
                    type="text"
                    data-testid="prov-slug"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    value=text.get_untracked()
                    prop:value=text
                    on:input=move |event| state.edit_slug(event_target_value(&event))
                    aria-describedby=described_by("slug")
                    aria-invalid=move || status.with(FieldStatus::aria_invalid)
                />
            </InputGroup>
        </Field>
    }
}

fn apply_on_shortcut(state: FormState, suggestions: Memo<Vec<Slug>>) {
    Effect::new(move |_| {
        let listener = window_event_listener(ev::keydown, move |event| {
            let index = match event.code().as_str() {
                "Digit1" => 0,
                "Digit2" => 1,
                "Digit3" => 2,
                _ => return,
            };
            let slug = suggestions.with_untracked(|slugs| slugs.get(index).cloned());
            if let Some(slug) = slug.filter(|_| event.alt_key() && !event.ctrl_key()) {
                event.prevent_default();
                state.apply_slug(&slug);
            }
        });
        on_cleanup(move || listener.remove());
    });
}
