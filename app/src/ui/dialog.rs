use leptos::prelude::*;

use super::browser;

/// A question that must be answered before anything else. Closed until [`open_dialog`]; the Escape
/// key closes it, and the focus goes back to where it was.
#[component]
pub fn Dialog(
    /// The element's id, for [`open_dialog`].
    id: &'static str,
    #[prop(into)] title: String,
    children: Children,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    view! {
        <dialog class="dialog" id=id aria-labelledby=labelled_by>
            <h2 id=title_id>{title}</h2>
            {children()}
        </dialog>
    }
}

/// What a [`Dialog`] can be answered with, at its end.
#[component]
pub fn DialogActions(children: Children) -> impl IntoView {
    view! { <div class="dialog-actions">{children()}</div> }
}

/// Opens a [`Dialog`] by its id; nothing else on the page answers until it is closed.
pub fn open_dialog(id: &str) {
    browser::open_dialog(id);
}

/// Closes a [`Dialog`] by its id.
pub fn close_dialog(id: &str) {
    browser::close_dialog(id);
}
