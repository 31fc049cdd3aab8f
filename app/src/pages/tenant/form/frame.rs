use std::sync::Arc;

use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    action_bar::ActionBar,
    conflict::conflict_note,
    loaded_form::{LoadedForm, edit_link},
    place::FormPlace,
    problems::Problems,
    rows::{FormRows, texts},
    submit::{Close, save},
};
use crate::{
    pages::{
        leave_dialog::{LeaveDialog, UNSAVED_CHANGES},
        tenant::edit_state::EditState,
    },
    ui::{Button, ButtonKind, ButtonLink},
};

/// The form around its controls, which are the children: what has to be fixed above them, and the buttons
/// below.
#[component]
pub(super) fn FormFrame(
    loaded: LoadedForm,
    rows: FormRows,
    edit: EditState,
    children: Children,
) -> impl IntoView {
    let form = loaded.form;
    let (subject, button) = texts(form);
    let conflict = conflict_note(&loaded, &rows, edit, subject);
    let close = close(&loaded, edit);
    let buttons = match &loaded.place {
        FormPlace::Console { code } => {
            view! { <Buttons path=domain::paths::tenant(code) loaded=loaded.clone() edit button /> }
                .into_any()
        }
        FormPlace::Portal { .. } => view! { <ActionBar loaded=loaded.clone() rows edit button /> }.into_any(),
    };
    let leave_path = match &loaded.place {
        FormPlace::Console { code } => domain::paths::tenant(code),
        FormPlace::Portal { .. } => loaded.place.path(form),
    };
    let (action, version) = (loaded.place.path(form), loaded.version.clone());
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        save(&loaded, edit, close.clone());
    };
    view! {
        <form
            id="tenant-form"
            class="stack"
            method="post"
            action=action
            novalidate
            on:submit=on_submit
            data-form=form.as_str()
            data-testid=format!("tenant-form-{form}")
        >
            {conflict}
            <Problems edit />
            <input type="hidden" name="form" value=form.as_str() />
            <input type="hidden" name="version" value=version />
            {children()}
            {buttons}
        </form>
        <LeaveDialog
            id="leave-form"
            path=leave_path
            is_guarded=Callback::new(move |()| edit.has_changes())
            texts=UNSAVED_CHANGES
        />
    }
}

/// Returns a function that closes the form after it was saved. A form that stays open is loaded again.
fn close(loaded: &LoadedForm, edit: EditState) -> Close {
    match &loaded.place {
        FormPlace::Console { code } => {
            let (path, navigate) = (domain::paths::tenant(code), use_navigate());
            Arc::new(move || {
                edit.is_done.set(true);
                navigate(
                    &path,
                    NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() },
                );
            })
        }
        FormPlace::Portal { .. } => Arc::new(move || {
            edit.is_done.set(true);
            edit.actions.reload_and_focus("h1");
        }),
    }
}

#[component]
fn Buttons(path: String, loaded: LoadedForm, edit: EditState, button: &'static str) -> impl IntoView {
    let cancel = move |_| {
        edit.is_done.set(true);
        edit.actions.focus_after_load(edit_link(loaded.form));
    };
    view! {
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
                href=path
                on:click=cancel
                keep_scroll=true
                attr:data-unguarded=""
                attr:data-testid="tenant-form-cancel"
            >
                "Cancel"
            </ButtonLink>
        </div>
    }
}
