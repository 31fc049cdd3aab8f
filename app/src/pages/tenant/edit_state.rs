use domain::{
    FieldProblem,
    tenant_form::{FormValues, TenantForm},
};
use leptos::prelude::*;

use super::action_state::ActionState;
use crate::Failure;

/// The input of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pages) struct EditDraft {
    pub form: TenantForm,
    /// The version of the values that the form has loaded.
    pub version: String,
    /// The values that the form has loaded. `None` for a form post without JavaScript.
    pub loaded: Option<FormValues>,
    /// What was typed.
    pub values: FormValues,
}

/// The state of the form that changes the tenant. It exists as long as the page, while each change of the
/// tenant renders the sections and the form again, so that nothing that was typed is lost.
#[derive(Debug, Clone, Copy)]
pub(in crate::pages) struct EditState {
    pub actions: ActionState,
    pub draft: RwSignal<Option<EditDraft>>,
    /// The problems of the last submit. An edit of a field removes its problem.
    pub problems: RwSignal<Vec<FieldProblem>>,
    /// Why the last submit was refused. `None` if the browser has found the problems.
    pub failure: RwSignal<Option<Failure>>,
    pub is_saving: RwSignal<bool>,
    /// Whether the form was saved or cancelled, and is removed when the tenant is loaded.
    pub is_done: RwSignal<bool>,
    /// The name of the form that was saved last. Empty if none was saved.
    pub saved: RwSignal<&'static str>,
}

impl EditState {
    pub fn new(actions: ActionState) -> Self {
        Self {
            actions,
            draft: RwSignal::new(None),
            problems: RwSignal::new(Vec::new()),
            failure: RwSignal::new(None),
            is_saving: RwSignal::new(false),
            is_done: RwSignal::new(false),
            saved: RwSignal::new(""),
        }
    }

    /// Whether the form has changes that are not saved.
    pub fn has_changes(self) -> bool {
        let is_open = self.is_done.try_get_untracked() == Some(false);
        let differs = |draft: &EditDraft| draft.loaded.as_ref().is_some_and(|loaded| *loaded != draft.values);
        is_open && self.draft.try_with_untracked(|draft| draft.as_ref().is_some_and(differs)) == Some(true)
    }

    /// Discards what was typed, on the page of another tenant.
    pub fn close(self) {
        self.is_done.set(true);
        self.saved.set("");
    }
}

/// The ID of the link that opens a form.
pub(in crate::pages) const fn edit_link_id(form: TenantForm) -> &'static str {
    match form {
        TenantForm::Settings => "edit-link-settings",
        TenantForm::Branding => "edit-link-branding",
        TenantForm::Terms => "edit-link-terms",
    }
}
