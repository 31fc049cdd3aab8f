use leptos::prelude::*;

use crate::browser;

/// A modal dialog. [`open_dialog`] opens it, and Escape closes it. The focus then returns to the previous
/// element.
#[component]
pub fn Dialog(
    /// The element's ID, for [`open_dialog`].
    id: &'static str,
    #[prop(into)] title: String,
    /// Shows the dialog in the page instead of above it, for the style guide.
    #[prop(optional)]
    inline: bool,
    children: Children,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    view! {
        <dialog class="dialog" id=id open=inline aria-labelledby=labelled_by>
            <h2 id=title_id>{title}</h2>
            {children()}
        </dialog>
    }
}

/// The buttons at the end of a [`Dialog`].
#[component]
pub fn DialogActions(children: Children) -> impl IntoView {
    view! { <div class="dialog-actions">{children()}</div> }
}

/// Opens a [`Dialog`] by its ID.
pub fn open_dialog(id: &str) {
    browser::open_dialog(id);
}

/// Closes a [`Dialog`] by its ID.
pub fn close_dialog(id: &str) {
    browser::close_dialog(id);
}
