use domain::tenant_form::{FormValues, TenantForm};
use leptos::prelude::*;

use super::place::FormPlace;
use crate::pages::tenant::edit_state::{EditDraft, EditState};

/// A form with the current values.
#[derive(Debug, Clone)]
pub(super) struct LoadedForm {
    pub place: FormPlace,
    pub form: TenantForm,
    pub version: String,
    pub values: FormValues,
}

impl LoadedForm {
    /// A draft of these values.
    pub fn draft(&self) -> EditDraft {
        EditDraft {
            form: self.form,
            version: self.version.clone(),
            loaded: Some(self.values.clone()),
            values: self.values.clone(),
        }
    }
}

/// Whether this form is open.
pub(super) fn is_open(form: TenantForm, edit: EditState) -> bool {
    let is_shown = edit.draft.with_untracked(|draft| draft.as_ref().is_some_and(|draft| draft.form == form));
    is_shown && !edit.is_done.get_untracked()
}

/// The selector of the link that opens a form, which gets the focus again when the form is closed.
pub(super) const fn edit_link(form: TenantForm) -> &'static str {
    match form {
        TenantForm::Settings => "#edit-link-settings",
        TenantForm::Branding => "#edit-link-branding",
        TenantForm::Terms => "#edit-link-terms",
    }
}
