//! What the controls and the preview share.

use leptos::prelude::*;

use crate::{
    pages::tenant::{edit_state::EditState, form::value},
    server_fns::PreviewTexts,
};

/// The ID of the element whose custom properties have the colours of the preview.
pub(super) const PREVIEW: &str = "branding-preview";

/// The names of the fields with the colours.
pub(super) const COLOR_FIELDS: [&str; 3] = ["colorPrimary", "colorSecondary", "colorAccent"];

/// The colours and the logo that the preview shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    /// The primary, the secondary and the accent colour. `none` for a text that is no colour.
    pub(super) colors: Memo<[String; 3]>,
    /// The address of the logo. Empty until it was loaded.
    pub(super) logo: Signal<String>,
}

/// The text of a field in the draft, as a signal.
pub(super) fn field_text(edit: EditState, name: &'static str) -> Memo<String> {
    Memo::new(move |_| value(edit, name))
}

impl PreviewTexts {
    /// The path of the style sheet with the saved colours.
    pub(super) fn style_sheet(&self) -> String {
        domain::paths::portal_colors(self.colors.each_ref().map(String::as_str))
    }
}
