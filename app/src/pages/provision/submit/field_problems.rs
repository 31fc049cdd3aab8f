//! The list of fields to fix, above the form.

use domain::{FieldProblem, Problem, paths};
use leptos::prelude::*;

use super::super::{fields::control_id, state::FormState};
use crate::ui::{ErrorSummary, SummaryItem};

/// The invalid fields. If the server has refused them, also the outcome of the submit, and a link to the
/// record of the attempt.
#[component]
pub(super) fn FieldProblems(state: FormState) -> impl IntoView {
    let item = |problem: &FieldProblem| SummaryItem {
        field_id: control_id(&problem.field),
        text: problem.message.clone(),
    };
    let errors =
        Signal::derive(move || state.problems.with(|problems| problems.iter().map(item).collect::<Vec<_>>()));
    move || match state.refused.get() {
        Some(problem) => view! { <RefusedFields state problem errors /> }.into_any(),
        None => view! { <ErrorSummary errors /> }.into_any(),
    }
}

#[component]
fn RefusedFields(state: FormState, problem: Problem, errors: Signal<Vec<SummaryItem>>) -> impl IntoView {
    let name = state.tenant_name();
    let title = Signal::derive(move || {
        let fields = match errors.with(Vec::len) {
            1 => "1 field".to_owned(),
            count => format!("{count} fields"),
        };
        format!("{name} was not created: {fields} to fix")
    });
    let Problem { code, request_id, .. } = problem;
    let lead = move || {
        view! { <p>"Nothing was left behind, and your input is kept. " {code.entry().next_step}</p> }
            .into_any()
    };
    let footer = move || {
        let attempt = request_id.map(|id| {
            view! {
                " · "
                <a href=paths::request(id)>"This attempt in the history"</a>
            }
        });
        view! {
            <p class="small">
                "Code " <code data-testid="prov-error-code">{code.as_str()}</code> {attempt}
            </p>
        }
        .into_any()
    };
    view! {
        <div data-testid="prov-error">
            <ErrorSummary title errors lead footer />
        </div>
    }
}
