use domain::tenant_form::TenantForm;

use crate::server_fns::FormField;

/// The rows of a form, each with its fields.
pub(super) type FormRows = Vec<Vec<FormField>>;

/// What a form changes, and the text of the button that saves it.
pub(super) const fn texts(form: TenantForm) -> (&'static str, &'static str) {
    match form {
        TenantForm::Settings => ("the settings", "Save settings"),
        TenantForm::Branding => ("the branding", "Save branding"),
        TenantForm::Terms => ("the tenant", "Save tenant"),
    }
}
