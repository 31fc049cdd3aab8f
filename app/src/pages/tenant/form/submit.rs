use std::sync::Arc;

use domain::{ErrorCode, tenant_form::TenantForm};
use leptos::{prelude::*, task::spawn_local};

use super::loaded_form::{LoadedForm, edit_link, is_open};
use crate::{
    Failure, browser,
    pages::tenant::{
        action_state::is_outdated,
        edit_state::{EditDraft, EditState},
    },
    server_fns::change_tenant,
};

/// Closes the form.
pub(super) type Close = Arc<dyn Fn() + Send + Sync>;

/// Copies the values of the controls into the draft, also those that were set without events.
pub(super) fn read_controls(form: TenantForm, edit: EditState) {
    let entries = browser::read_form_entries(&format!("form[data-form={form}]"));
    if entries.is_empty() {
        return;
    }
    edit.draft.update(|draft| {
        let Some(draft) = draft else { return };
        for (name, text) in entries {
            if draft.values.get(&name).is_some() {
                draft.values.set(&name, text);
            }
        }
    });
}

/// Marks the refused fields, or shows the reason of a refusal that does not concern fields.
pub(super) fn show_failure(failure: Failure, edit: EditState) {
    edit.problems.set(match &failure {
        Failure::Problem(problem) => problem.field_problems(),
        Failure::Unreachable => Vec::new(),
    });
    edit.failure.set(Some(failure));
}

/// Validates the form with the same code as the server, then saves it. `close` closes the form.
pub(super) fn save(loaded: &LoadedForm, edit: EditState, close: Close) {
    if edit.is_saving.get_untracked() {
        return;
    }
    read_controls(loaded.form, edit);
    let Some(draft) = edit.draft.get_untracked() else { return };
    let problems = draft.form.problems(&draft.values, &loaded.values, browser::domain_to_ascii);
    edit.failure.set(None);
    if !problems.is_empty() {
        edit.problems.set(problems);
        browser::focus("#tenant-form .error-summary");
        return;
    }
    edit.problems.set(Vec::new());
    edit.saved.set("");
    edit.actions.announcement.set("");
    edit.actions.refusal.set(None);
    edit.is_saving.set(true);
    let tenant = loaded.place.tenant().to_owned();
    spawn_local(async move {
        let EditDraft { form, version, values, .. } = draft;
        let result = change_tenant(tenant, form, version, values).await;
        if edit.is_saving.is_disposed() {
            return;
        }
        match result {
            Ok(_) => finish(form, edit, close),
            Err(failure) if is_open(form, edit) => refuse(failure, edit, close),
            Err(failure) => edit.actions.refuse(failure),
        }
    });
}

/// Closes the form, unless another one was opened.
fn finish(form: TenantForm, edit: EditState, close: Close) {
    edit.saved.set(form.as_str());
    edit.actions.announcement.set(match form {
        TenantForm::Settings => "The settings are saved.",
        TenantForm::Branding => "The branding is saved.",
        TenantForm::Terms => "The tenant is saved.",
    });
    if is_open(form, edit) {
        edit.actions.focus_after_load(edit_link(form));
        close();
    } else {
        edit.actions.reload();
    }
}

/// Shows why the form was refused. The input stays in the form. If somebody else has changed the values, the
/// form is rendered again and compares them.
fn refuse(failure: Failure, edit: EditState, close: Close) {
    edit.is_saving.set(false);
    if failure.code() == Some(ErrorCode::PreconditionFailed) {
        edit.actions.reload_and_focus("#tenant-form-conflict");
    } else if is_outdated(&failure) {
        edit.actions.refuse(failure);
        close();
    } else {
        show_failure(failure, edit);
        browser::focus("#tenant-form .error-summary, #tenant-form-failure");
    }
}
