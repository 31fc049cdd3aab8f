use domain::provisioning::Draft;
use leptos::prelude::*;

use super::state::Provisioning;
use crate::ui::{Field, FieldStatus, described_by};

/// The status of a field that only the last submit judged.
pub(super) fn fault(state: Provisioning, path: &'static str) -> FieldStatus {
    state.problems.with(|problems| {
        let found = problems.iter().find(|problem| problem.field == path);
        found.map(|problem| FieldStatus::Invalid(problem.message.clone())).unwrap_or_default()
    })
}

/// The id of the control for a field's path.
pub(super) fn control_id(path: &str) -> String {
    path.replace('.', "-")
}

/// A line of text that is part of the draft.
#[component]
pub(super) fn TextField(
    state: Provisioning,
    /// The field's path, as problems name it.
    path: &'static str,
    /// The name under which a plain form posts it.
    name: &'static str,
    label: &'static str,
    read: fn(&Draft) -> &str,
    write: fn(&mut Draft, String),
    #[prop(optional)] help: &'static str,
    #[prop(optional)] testid: Option<&'static str>,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] inputmode: Option<&'static str>,
) -> impl IntoView {
    let id = control_id(path);
    let text = Signal::derive(move || state.draft.with(|draft| read(draft).to_owned()));
    let status = Signal::derive(move || fault(state, path));
    view! {
        <Field id=id.clone() label help status>
            <input
                class="input"
                id=id.clone()
                name=name
                type="text"
                data-testid=testid
                autocomplete=autocomplete
                inputmode=inputmode
                value=text.get_untracked()
                prop:value=text
                on:input=move |event| state.edit(path, |draft| write(draft, event_target_value(&event)))
                aria-describedby=described_by(&id)
                aria-invalid=move || status.with(FieldStatus::invalid)
            />
        </Field>
    }
}

/// A choice that is part of the draft.
#[component]
pub(super) fn ChoiceField(
    state: Provisioning,
    path: &'static str,
    name: &'static str,
    label: &'static str,
    read: fn(&Draft) -> &str,
    write: fn(&mut Draft, String),
    /// Value and words of each choice.
    choices: Vec<(String, String)>,
    #[prop(optional)] help: &'static str,
) -> impl IntoView {
    let id = control_id(path);
    // What is no choice any more, in a draft that was kept, shows as the usual one.
    let values: Vec<String> = choices.iter().map(|(value, _)| value.clone()).collect();
    let text = Signal::derive(move || {
        state.draft.with(|draft| {
            let chosen = values.iter().find(|value| *value == read(draft));
            chosen.or(values.first()).cloned().unwrap_or_default()
        })
    });
    let status = Signal::derive(move || fault(state, path));
    let option = move |(value, words): (String, String)| {
        let chosen = value == text.get_untracked();
        view! {
            <option value=value selected=chosen>
                {words}
            </option>
        }
        .into_any()
    };
    view! {
        <Field id=id.clone() label help status>
            <select
                class="input"
                id=id.clone()
                name=name
                prop:value=text
                on:change=move |event| state.edit(path, |draft| write(draft, event_target_value(&event)))
                aria-describedby=described_by(&id)
                aria-invalid=move || status.with(FieldStatus::invalid)
            >
                {choices.into_iter().map(option).collect_view()}
            </select>
        </Field>
    }
}
