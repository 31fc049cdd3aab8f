use leptos::prelude::*;

use crate::{
    browser,
    ui::{Button, ButtonKind, Dialog, DialogActions, close_dialog, open_dialog},
};

/// What a dialog says about what is lost.
#[derive(Debug, Clone, Copy)]
pub(super) struct LeaveTexts {
    pub title: &'static str,
    pub sentence: &'static str,
    pub leave: &'static str,
}

/// For a form with changes that are not saved.
pub(super) const UNSAVED_CHANGES: LeaveTexts = LeaveTexts {
    title: "Leave without saving?",
    sentence: "You have changes that are not saved. After you leave, they are lost.",
    leave: "Leave without saving",
};

/// Asks before the user leaves the page at `path` while `is_guarded` returns true.
#[component]
pub(super) fn LeaveDialog(
    /// The ID of the dialog.
    id: &'static str,
    path: String,
    is_guarded: Callback<(), bool>,
    texts: LeaveTexts,
) -> impl IntoView {
    let guard = browser::guard_leaving(
        path,
        move || is_guarded.try_run(()).unwrap_or_default(),
        move || open_dialog(id),
    );
    let leave = move |_| {
        close_dialog(id);
        guard.leave();
    };
    view! {
        <Dialog id title=texts.title attr:data-testid="leave-dialog">
            <p>{texts.sentence}</p>
            <DialogActions>
                <Button on:click=move |_| close_dialog(id) attr:data-testid="leave-stay">
                    "Stay on this page"
                </Button>
                <Button kind=ButtonKind::Danger on:click=leave attr:data-testid="leave-confirm">
                    {texts.leave}
                </Button>
            </DialogActions>
        </Dialog>
    }
}
