use domain::tenant_form::{FormValues, TenantForm};
use serde::{Deserialize, Serialize};

use crate::Failure;

/// A form with the current values of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedForm {
    /// Which form it is.
    pub form: TenantForm,
    /// The version of the values, which the form sends back as its precondition.
    pub version: String,
    /// The rows of [`FormField`]s as JSON. The page's own code does not parse it, which keeps the page small.
    pub rows: String,
    /// The [`PostedForm`] as JSON, or empty.
    pub posted: String,
}

/// A form that was refused, after it was posted without JavaScript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostedForm {
    /// The version of the values that the form had loaded.
    pub version: String,
    /// The texts as typed.
    pub values: FormValues,
    /// Why nothing was saved.
    pub failure: Failure,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormField {
    /// The name of the control, which is that of the field in the API.
    pub name: String,
    /// The label on screen.
    pub label: String,
    /// The sentence below the control. May be empty.
    pub help: String,
    /// The current value.
    pub value: String,
    /// The kind of the control.
    pub input: FieldInput,
    /// The value and the label of each choice. Empty unless the control is a select.
    pub choices: Vec<(String, String)>,
}

/// The kind of a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldInput {
    /// A name, which a browser may capitalise and check for spelling.
    Name,
    /// A text that stays as it is typed.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// The address of a page or an image.
    Url,
    /// A number with a decimal point or a decimal comma.
    Decimal,
    /// A colour. If it is empty, that of the theme.
    Color,
    /// One of the choices.
    Choice,
}

impl FieldInput {
    /// The attribute `inputmode`, which selects an on-screen keyboard.
    pub const fn mode(self) -> Option<&'static str> {
        match self {
            Self::Email => Some("email"),
            Self::Phone => Some("tel"),
            Self::Url => Some("url"),
            Self::Decimal => Some("decimal"),
            Self::Name | Self::Text | Self::Color | Self::Choice => None,
        }
    }
}
