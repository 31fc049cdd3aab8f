use domain::provisioning::{Draft, DraftField};
use leptos::prelude::*;

use super::state::FormState;
use crate::ui::{Field, FieldStatus, described_by, select_options};

/// The status of a field after the last submit.
fn submit_status(state: FormState, field: DraftField) -> FieldStatus {
    state.problems.with(|problems| {
        let problem = problems.iter().find(|problem| problem.field == field.path());
        problem.map(|problem| FieldStatus::Invalid(problem.message.clone())).unwrap_or_default()
    })
}

/// The status of a field with a check. A running check and a problem that the check has found take precedence
/// over the status after the last submit.
pub(super) fn check_status(state: FormState, field: DraftField, checked: &FieldStatus) -> FieldStatus {
    let submitted = submit_status(state, field);
    match checked {
        FieldStatus::Taken { .. } | FieldStatus::Invalid(_) | FieldStatus::Checking => checked.clone(),
        _ if submitted != FieldStatus::Empty => submitted,
        _ => checked.clone(),
    }
}

/// The HTML ID of the control of the field with this path.
pub(super) fn control_id(path: &str) -> String {
    path.replace('.', "-")
}

/// Sets the value of a control in the draft.
type SetValue = fn(&mut Draft, String);

/// A text field of the draft, with its label and its status line.
#[component]
pub(super) fn TextField(
    state: FormState,
    field: DraftField,
    #[prop(optional)] testid: Option<&'static str>,
    #[prop(optional_no_strip)] inputmode: Option<&'static str>,
    #[prop(optional)] help: &'static str,
    /// Whether the browser keeps the text as typed, without capitalising or spell-checking it.
    #[prop(optional)]
    verbatim: bool,
    /// The status of a field with a check. Defaults to the status after the last submit.
    #[prop(optional, into)]
    status: Option<Signal<FieldStatus>>,
    #[prop(optional)] status_testid: Option<&'static str>,
) -> impl IntoView {
    let status = status.unwrap_or_else(|| Signal::derive(move || submit_status(state, field)));
    view! {
        <Field id=control_id(field.path()) label=field.label() help status status_testid>
            <TextInput state field status testid inputmode verbatim />
        </Field>
    }
}

/// The input of a [`TextField`].
#[component]
pub(super) fn TextInput(
    state: FormState,
    field: DraftField,
    status: Signal<FieldStatus>,
    testid: Option<&'static str>,
    inputmode: Option<&'static str>,
    verbatim: bool,
) -> impl IntoView {
    let id = control_id(field.path());
    let text = Signal::derive(move || state.draft.with(|draft| draft.get(field).to_owned()));
    view! {
        <input
            class="input"
            id=id.clone()
            name=field.form_name()
            type="text"
            data-testid=testid
            autocomplete="off"
            inputmode=inputmode
            autocapitalize=verbatim.then_some("none")
            spellcheck=verbatim.then_some("false")
            value=text.get_untracked()
            prop:value=text
            on:input=move |event| state.edit_text(field, event_target_value(&event))
            aria-describedby=described_by(&id)
            aria-invalid=move || status.with(FieldStatus::aria_invalid)
        />
    }
}

/// A select for a field of the draft.
#[component]
pub(super) fn ChoiceField(
    state: FormState,
    field: DraftField,
    /// The value and label of each choice.
    choices: Vec<(String, String)>,
    /// Replaces the plain assignment of the value, for a choice that also affects other fields.
    #[prop(optional)]
    set_value: Option<SetValue>,
) -> impl IntoView {
    let id = control_id(field.path());
    // If a stored draft has a value that is no longer a choice, show the first choice.
    let values: Vec<String> = choices.iter().map(|(value, _)| value.clone()).collect();
    let text = Signal::derive(move || {
        state.draft.with(|draft| {
            let selected = values.iter().find(|value| *value == draft.get(field));
            selected.or(values.first()).cloned().unwrap_or_default()
        })
    });
    let status = Signal::derive(move || submit_status(state, field));
    let change = move |event| match set_value {
        Some(set_value) => state.edit(field, |draft| set_value(draft, event_target_value(&event))),
        None => state.set_field(field, event_target_value(&event)),
    };
    view! {
        <Field id=id.clone() label=field.label() status>
            <select
                class="input"
                id=id.clone()
                name=field.form_name()
                prop:value=text
                on:change=change
                aria-describedby=described_by(&id)
                aria-invalid=move || status.with(FieldStatus::aria_invalid)
            >
                {select_options(choices, &text.get_untracked())}
            </select>
        </Field>
    }
}
