//! The forms that change the tenant. Their code is a [`Part`], because they are rarely needed. A form also
//! works without JavaScript, as a form post.

mod conflict;
mod controls;
mod loaded_form;
mod submit;

use std::sync::Arc;

use domain::{FieldProblem, paths, tenant_form::TenantForm};
use leptos::{ev, prelude::*, wasm_split::wasm_split};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use self::{
    conflict::conflict_note,
    controls::{FieldControl, control_id},
    loaded_form::{LoadedForm, edit_link, is_open},
    submit::{Close, read_controls, save, show_failure},
};
use super::{
    edit_state::{EditDraft, EditState},
    refusal::RefusalNote,
};
use crate::{
    Failure, browser,
    codec::from_json,
    part::{Loaded, Part},
    server_fns::{FormField, OpenedForm, PostedForm},
    ui::{Button, ButtonKind, ButtonLink, ErrorSummary, SummaryItem},
};

/// The part that contains the code of this module.
pub(super) static FORM: Part = Part { name: "tenant_form", load: || Box::pin(load()) };

/// A form with the values of the tenant, or with what was typed before the tenant was loaded again.
#[wasm_split(tenant_form, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn tenant_form(code: String, opened: OpenedForm, edit: EditState) -> Loaded<AnyView> {
    let rows: Vec<Vec<FormField>> = from_json(&opened.rows).unwrap_or_default();
    let OpenedForm { form, version, posted, .. } = opened;
    let values: Vec<_> =
        rows.iter().flatten().map(|field| (field.name.clone(), field.value.clone())).collect();
    let loaded = LoadedForm { code, form, version, values: values.into() };
    begin(&loaded, &posted, edit);
    Ok(view! { <Form loaded rows edit /> }.into_any())
}

/// Begins a draft, or continues with the draft of this form.
fn begin(loaded: &LoadedForm, posted: &str, edit: EditState) {
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
            Err(_) => browser::focus_if_hydrated("#tenant-form .input"),
        }
    }
    // Before hydration, the form may have input. The view resets each control to the value of the draft.
    read_controls(loaded.form, edit);
}

#[component]
fn Form(loaded: LoadedForm, rows: Vec<Vec<FormField>>, edit: EditState) -> impl IntoView {
    let form = loaded.form;
    let (subject, button) = match form {
        TenantForm::Settings => ("the settings", "Save settings"),
        TenantForm::Branding => ("the branding", "Save branding"),
        TenantForm::Terms => ("the tenant", "Save tenant"),
    };
    let row = |fields: &Vec<FormField>| {
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
    };
    let conflict = conflict_note(&loaded, &rows, edit, subject);
    let controls = rows.iter().map(row).collect::<Vec<_>>();
    let (submitted, path) = (loaded.clone(), paths::tenant(&loaded.code));
    let navigate = use_navigate();
    let close: Close = Arc::new(move || {
        edit.is_done.set(true);
        navigate(&path, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    });
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        save(&submitted, edit, close.clone());
    };
    let cancel = move |_| {
        edit.is_done.set(true);
        edit.actions.focus_after_load(edit_link(form));
    };
    view! {
        <form
            id="tenant-form"
            class="stack"
            method="post"
            action=paths::tenant_form(&loaded.code, form)
            novalidate
            on:submit=on_submit
            data-form=form.as_str()
            data-testid=format!("tenant-form-{form}")
        >
            {conflict}
            <Problems edit />
            <input type="hidden" name="form" value=form.as_str() />
            <input type="hidden" name="version" value=loaded.version.clone() />
            <div class="fields">{controls}</div>
            <div class="cluster">
                <Button
                    kind=ButtonKind::Primary
                    submit=true
                    pending=edit.is_saving
                    pending_text="Saving…"
                    attr:data-testid="tenant-form-save"
                >
                    {button}
                </Button>
                <ButtonLink
                    kind=ButtonKind::Ghost
                    href=paths::tenant(&loaded.code)
                    on:click=cancel
                    keep_scroll=true
                    attr:data-testid="tenant-form-cancel"
                >
                    "Cancel"
                </ButtonLink>
            </div>
        </form>
    }
}

/// Why nothing was saved: the invalid fields, or the reason.
#[component]
fn Problems(edit: EditState) -> impl IntoView {
    let items = Signal::derive(move || {
        let item = |problem: &FieldProblem| SummaryItem {
            field_id: control_id(&problem.field),
            text: problem.message.clone(),
        };
        edit.problems.with(|problems| problems.iter().map(item).collect::<Vec<_>>())
    });
    let code = move || {
        edit.failure.get().map(|failure| {
            view! { <p class="small">"Code " <code>{failure.code_text()}</code></p> }.into_any()
        })
    };
    let reason = move || {
        let failure = edit.failure.get().filter(|_| items.with(Vec::is_empty))?;
        let explanation = match failure {
            Failure::Unreachable => {
                "We don't know whether your change was saved. Your input is kept. Check your connection, then save again."
                    .to_owned()
            }
            _ => format!("{} Nothing was saved, and your input is kept.", failure.explanation()),
        };
        Some(view! { <RefusalNote failure id="tenant-form-failure" explanation /> }.into_any())
    };
    view! {
        <ErrorSummary
            title="Fix the highlighted fields"
            errors=items
            lead=|| view! { <p>"Nothing was saved, and your input is kept."</p> }.into_any()
            footer=move || code().into_any()
        />
        {reason}
    }
}
