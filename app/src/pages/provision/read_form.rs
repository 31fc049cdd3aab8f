use domain::{paths, provisioning::Draft};

use crate::browser::read_form_values;

/// The current values of the form's controls. Returns `None` if the page does not show the form.
pub(super) fn read_form() -> Option<Draft> {
    read_form_values(&format!("form[action='{}']", paths::PROVISION))
}
