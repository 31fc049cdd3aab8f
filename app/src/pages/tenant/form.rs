//! The forms that change a tenant, in the console and in the portal. Their code is a [`Part`], because they are
//! rarely needed. A form also works without JavaScript, as a form post.

mod action_bar;
mod conflict;
mod controls;
mod frame;
mod loaded_form;
mod place;
mod problems;
mod read_only;
mod rows;
mod submit;

use std::sync::Arc;

use leptos::{prelude::*, wasm_split::wasm_split};

use self::{
    controls::FieldControl,
    frame::FormFrame,
    loaded_form::{LoadedForm, is_open},
    read_only::ReadOnlyForm,
    rows::FormRows,
    submit::{read_controls, show_failure},
};
pub(in crate::pages) use self::{
    controls::{contrast_problem, control_id, set_value, shown_color, value},
    place::FormPlace,
};
use super::edit_state::{EditDraft, EditState};
use crate::{
    browser,
    codec::from_json,
    part::{Loaded, Part},
    server_fns::{FormField, OpenedForm, PostedForm},
    ui::{Card, Section},
};

/// The part that contains the code of this module.
pub(in crate::pages) static FORM: Part = Part { name: "tenant_form", load: || Box::pin(load()) };

/// A form with the values of the tenant, or with what was typed before the tenant was loaded again.
#[wasm_split(tenant_form, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(in crate::pages) fn tenant_form(
    place: FormPlace,
    opened: OpenedForm,
    edit: EditState,
    may_edit: bool,
) -> Loaded<AnyView> {
    if !may_edit {
        return Ok(view! { <ReadOnlyForm opened /> }.into_any());
    }
    let (loaded, rows) = open(place, opened, edit);
    let content = match loaded.place {
        FormPlace::Console { .. } => {
            let rows = rows.iter().map(|row| field_row(row, edit)).collect::<Vec<_>>();
            view! { <div class="fields">{rows}</div> }.into_any()
        }
        FormPlace::Portal { .. } => sections(&rows, edit),
    };
    Ok(view! {
        <FormFrame loaded rows edit>
            {content}
        </FormFrame>
    }
    .into_any())
}

/// The part for [`form_around`].
pub(in crate::pages) static FORM_AROUND: Part =
    Part { name: "tenant_form", load: || Box::pin(load_around()) };

/// A form whose controls the caller renders, after the draft has begun.
#[wasm_split(tenant_form, wasm_split_path = ::leptos::wasm_split, fallible, preload(load_around))]
pub(in crate::pages) fn form_around(
    place: FormPlace,
    opened: OpenedForm,
    edit: EditState,
    controls: Arc<dyn Fn() -> AnyView + Send + Sync>,
) -> Loaded<AnyView> {
    let (loaded, rows) = open(place, opened, edit);
    Ok(view! {
        <FormFrame loaded rows edit>
            {controls()}
        </FormFrame>
    }
    .into_any())
}

/// Reads an opened form, and begins its draft or continues with it.
fn open(place: FormPlace, opened: OpenedForm, edit: EditState) -> (LoadedForm, FormRows) {
    let rows: FormRows = from_json(&opened.rows).unwrap_or_default();
    let OpenedForm { form, version, posted, .. } = opened;
    let values: Vec<_> =
        rows.iter().flatten().map(|field| (field.name.clone(), field.value.clone())).collect();
    let loaded = LoadedForm { place, form, version, values: values.into() };
    begin(&loaded, &posted, edit);
    (loaded, rows)
}

/// Begins a draft, or continues with the draft of this form.
fn begin(loaded: &LoadedForm, posted: &str, edit: EditState) {
    // The controls of a form that stays open still have the values from before they were saved.
    let was_saved = edit.is_done.get_untracked() && loaded.place.stays_open();
    if !is_open(loaded.form, edit) {
        edit.problems.set(Vec::new());
        edit.failure.set(None);
        edit.is_saving.set(false);
        edit.is_done.set(false);
        edit.draft.set(Some(loaded.draft()));
        match from_json::<PostedForm>(posted) {
            Ok(PostedForm { version, values, failure }) => {
                edit.draft.set(Some(EditDraft { form: loaded.form, version, loaded: None, values }));
                show_failure(failure, edit);
            }
            Err(_) if loaded.place.stays_open() => {}
            Err(_) => browser::focus_if_hydrated("#tenant-form .input"),
        }
    }
    // Before hydration, the form may have input. The view resets each control to the value of the draft.
    if !was_saved {
        read_controls(loaded.form, edit);
    }
}

fn field_row(fields: &[FormField], edit: EditState) -> AnyView {
    let controls = fields
        .iter()
        .map(|field| view! { <FieldControl field=field.clone() edit /> }.into_any())
        .collect::<Vec<_>>();
    view! {
        <div class="field-row" data-columns=fields.len().to_string()>
            {controls}
        </div>
    }
    .into_any()
}

/// The sections of the settings in the portal: title, sentence, and the first field of each row.
const SECTIONS: [(&str, &str, &[&str]); 3] = [
    ("Company", "How customers see and reach you.", &["companyName", "supportEmail", "websiteUrl"]),
    ("Region", "Your calendar and your prices use these.", &["timeZone"]),
    ("E-mail sender", "The sender of the e-mails to your customers.", &["emailFromName"]),
];

/// The rows in sections, for a page with room.
fn sections(rows: &FormRows, edit: EditState) -> AnyView {
    let section = |(title, sentence, first): (&'static str, &'static str, &[&str])| {
        let is_here = |row: &&Vec<FormField>| row.first().is_some_and(|field| first.contains(&&*field.name));
        let rows = rows.iter().filter(is_here).map(|row| field_row(row, edit)).collect::<Vec<_>>();
        view! {
            <Section title sentence>
                <div class="fields">{rows}</div>
            </Section>
        }
        .into_any()
    };
    let sections = SECTIONS.map(section).into_iter().collect::<Vec<_>>();
    view! { <Card>{sections}</Card> }.into_any()
}
