use domain::FieldProblem;
use leptos::prelude::*;

use super::controls::control_id;
use crate::{
    Failure,
    pages::tenant::{edit_state::EditState, refusal::RefusalNote},
    ui::{ErrorSummary, SummaryItem},
};

/// Why nothing was saved: the invalid fields, or the reason.
#[component]
pub(super) fn Problems(edit: EditState) -> impl IntoView {
    let items = Signal::derive(move || {
        let item = |problem: &FieldProblem| SummaryItem {
            field_id: control_id(&problem.field),
            text: problem.message.clone(),
        };
        edit.problems.with(|problems| problems.iter().map(item).collect::<Vec<_>>())
    });
    let code = move || {
        edit.failure.get().map(|failure| {
            view! { <p class="small">"Code " <code>{failure.code_text()}</code></p> }.into_any()
        })
    };
    let reason = move || {
        let failure = edit.failure.get().filter(|_| items.with(Vec::is_empty))?;
        let explanation = match failure {
            Failure::Unreachable => {
                "We don't know whether your change was saved. Your input is kept. Check your connection, then save again."
                    .to_owned()
            }
            _ => format!("{} Nothing was saved, and your input is kept.", failure.explanation()),
        };
        Some(view! { <RefusalNote failure id="tenant-form-failure" explanation /> }.into_any())
    };
    view! {
        <ErrorSummary
            title="Fix the highlighted fields"
            errors=items
            lead=|| view! { <p>"Nothing was saved, and your input is kept."</p> }.into_any()
            footer=move || code().into_any()
        />
        {reason}
    }
}
