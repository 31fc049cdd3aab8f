use leptos::prelude::*;

use super::shown::field_text;
use crate::{
    pages::tenant::{
        edit_state::EditState,
        form::{contrast_problem, control_id, set_value, shown_color},
    },
    ui::{Field, FieldStatus, Section, described_by},
};

/// The colours: field, label, accessible name of the picker, and use.
const COLORS: [(&str, &str, &str, &str); 3] = [
    ("colorPrimary", "Primary", "Pick the primary colour", "Buttons with white text, headings and prices."),
    ("colorSecondary", "Secondary", "Pick the secondary colour", "Areas with white text."),
    ("colorAccent", "Accent", "Pick the accent colour", "Lines and dots, without text."),
];

/// The three colours, each with a picker and a text. An empty text stands for the colour of the theme.
#[component]
pub(super) fn ColorFields(edit: EditState) -> impl IntoView {
    let fields = COLORS
        .map(|(name, label, picker, help)| view! { <ColorField edit name label picker help /> }.into_any());
    view! {
        <Section title="Colours" sentence="Leave a field empty for the colour of the theme.">
            <div class="fields">{fields.into_iter().collect::<Vec<_>>()}</div>
        </Section>
    }
}

#[component]
fn ColorField(
    edit: EditState,
    name: &'static str,
    label: &'static str,
    picker: &'static str,
    help: &'static str,
) -> impl IntoView {
    let id = control_id(name);
    let text = field_text(edit, name);
    let shown = Memo::new(move |_| shown_color(edit, name));
    let status = Signal::derive(move || {
        let refused = edit.problems.with(|problems| problems.iter().find(|p| p.field == name).cloned());
        let problem = refused.or_else(|| contrast_problem(edit, name));
        problem.map(|problem| FieldStatus::Invalid(problem.message)).unwrap_or_default()
    });
    let change = move |event| set_value(edit, name, event_target_value(&event));
    // A picker shows no colour that is not valid.
    let picked = move || match shown.get() {
        color if color.starts_with('#') => color,
        _ => "#ffffff".to_owned(),
    };
    view! {
        <Field id=id.clone() label help=help status>
            <div class="color-field">
                <input
                    type="color"
                    aria-label=picker
                    value=picked()
                    prop:value=picked
                    on:input=change
                    data-scripted=""
                />
                <input
                    class="input"
                    id=id.clone()
                    name=name
                    type="text"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    placeholder=move || shown.get()
                    value=text.get_untracked()
                    prop:value=move || text.get()
                    on:input=change
                    aria-describedby=described_by(&id)
                    aria-invalid=move || status.with(FieldStatus::aria_invalid)
                />
            </div>
        </Field>
    }
}
