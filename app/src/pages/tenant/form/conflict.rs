use domain::tenant_form::{FormValues, TenantForm};
use leptos::prelude::*;

use super::{loaded_form::LoadedForm, submit::read_controls};
use crate::{
    browser,
    pages::tenant::edit_state::{EditDraft, EditState},
    server_fns::FormField,
    ui::{Button, Column, Note, Table, Tone},
};

const COLUMNS: &[Column] =
    &[Column::text("Field"), Column::text("Your input"), Column::text("Current value")];

/// What the person has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    CurrentValues,
    OwnInput,
}

/// Says that somebody else has changed the values since they were loaded, and compares them with the input.
/// The person chooses which ones the form contains. Both stay visible. `subject` names what the form changes.
/// `None` if the draft has the current version.
pub(super) fn conflict_note(
    loaded: &LoadedForm,
    rows: &[Vec<FormField>],
    edit: EditState,
    subject: &'static str,
) -> Option<AnyView> {
    let draft = edit.draft.get_untracked().filter(|draft| draft.version != loaded.version)?;
    let differences: Vec<_> =
        rows.iter().flatten().filter_map(|field| difference(field, &draft.values)).collect();
    edit.failure.set(None);
    if draft.loaded.as_ref() == Some(&loaded.values) {
        // Another action, such as a suspension, has changed the version but none of these values.
        edit.draft.set(Some(EditDraft { version: loaded.version.clone(), ..draft }));
        return None;
    }
    if differences.is_empty() {
        edit.draft.set(Some(loaded.draft()));
        return Some(saved_note());
    }
    let loaded = loaded.clone();
    let choice = RwSignal::new(None::<Choice>);
    let href = loaded.place.path(loaded.form);
    let choose = move |chosen: Choice| {
        let mut new = loaded.draft();
        if chosen == Choice::OwnInput {
            new.values = match choice.get_untracked() {
                Some(Choice::CurrentValues) => draft.values.clone(),
                _ => current_input(loaded.form, edit).unwrap_or_else(|| draft.values.clone()),
            };
        }
        edit.draft.set(Some(new));
        edit.problems.set(Vec::new());
        choice.set(Some(chosen));
        browser::focus("#tenant-form-conflict");
    };
    let choose_input = choose.clone();
    let text = move || match choice.get() {
        None => "Nothing was saved. Your input is still in the form.",
        Some(Choice::CurrentValues) => "The form has the current values. Your input is listed here.",
        Some(Choice::OwnInput) => "The form has your input. Saving it replaces the current values.",
    };
    let row = |(label, typed, current): (String, String, String)| {
        view! {
            <tr>
                <th scope="row">{label}</th>
                <td data-label="Your input">{typed}</td>
                <td data-label="Current value">{current}</td>
            </tr>
        }
        .into_any()
    };
    let view = view! {
        <div id="tenant-form-conflict" tabindex="-1" role="alert" data-testid="tenant-form-conflict">
            <Note tone=Tone::Warn title=format!("Somebody else has changed {subject} meanwhile")>
                <p>{text}</p>
                <Table label="Differences" columns=COLUMNS small=true>
                    {differences.into_iter().map(row).collect::<Vec<_>>()}
                </Table>
                <div class="cluster" data-scripted="">
                    <Button
                        small=true
                        on:click=move |_| choose(Choice::CurrentValues)
                        attr:data-testid="tenant-form-load"
                    >
                        "Load the current values"
                    </Button>
                    <Button
                        small=true
                        on:click=move |_| choose_input(Choice::OwnInput)
                        attr:data-testid="tenant-form-keep"
                    >
                        "Keep my input"
                    </Button>
                </div>
                <p class="without-scripts">
                    "Save again to replace the current values, or "
                    <a href=href.clone()>"load the current values"</a> "."
                </p>
            </Note>
        </div>
    };
    Some(view.into_any())
}

/// Says that the input equals the current values: an earlier call has saved it, or somebody else has made the
/// same change.
fn saved_note() -> AnyView {
    view! {
        <div id="tenant-form-conflict" tabindex="-1" role="alert" data-testid="tenant-form-conflict">
            <Note tone=Tone::Ok title="Your input is already saved">
                <p>"The form has the current values."</p>
            </Note>
        </div>
    }
    .into_any()
}

/// What the form contains now, also if it was edited after the conflict was found.
fn current_input(form: TenantForm, edit: EditState) -> Option<FormValues> {
    read_controls(form, edit);
    edit.draft.get_untracked().map(|draft| draft.values)
}

/// The label, the typed value and the current value of a field whose values differ.
fn difference(field: &FormField, typed: &FormValues) -> Option<(String, String, String)> {
    let text = typed.get(&field.name).unwrap_or_default();
    (text != field.value).then(|| (field.label.clone(), shown(field, text), shown(field, &field.value)))
}

/// A value as it is shown: the label of a choice, or the text.
pub(super) fn shown(field: &FormField, value: &str) -> String {
    let choice = field.choices.iter().find(|(choice, _)| choice == value);
    match choice {
        Some((_, label)) => label.clone(),
        None if value.is_empty() => "empty".to_owned(),
        None => value.to_owned(),
    }
}
