use leptos::prelude::*;

/// A button that opens a dialog. The dialog is a popover, so that it works without scripts.
#[component]
pub(super) fn DialogButton(
    /// The ID of the dialog.
    id: String,
    /// The text of the button.
    #[prop(into)]
    label: String,
    /// What screen readers read instead.
    #[prop(into)]
    accessible_name: String,
    #[prop(into)] title: String,
    #[prop(into)] testid: String,
    children: Children,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    let (labelled_by, target, closed) = (title_id.clone(), id.clone(), id.clone());
    view! {
        <button
            type="button"
            class="btn"
            data-size="small"
            popovertarget=target
            aria-haspopup="dialog"
            aria-label=accessible_name
            data-testid=testid
        >
            {label}
        </button>
        <dialog class="dialog" id=id popover="auto" aria-labelledby=labelled_by>
            <h2 id=title_id tabindex="-1" autofocus>
                {title}
            </h2>
            {children()}
            <div class="dialog-actions">
                <button
                    type="button"
                    class="btn"
                    data-size="small"
                    popovertarget=closed
                    popovertargetaction="hide"
                >
                    "Close"
                </button>
            </div>
        </dialog>
    }
}
