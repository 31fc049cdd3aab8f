use domain::{FieldProblem, Problem, error::Conflict, paths, provisioning::DraftField};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::live_request::LiveRequest;
use crate::{
    part::{Loaded, Part},
    ui::{ButtonLink, Note, Tone},
};

/// The part that contains the code of this module. Only a failed request needs the part.
pub(super) static PROBLEM_NOTE: Part = Part { name: "request_problem", load: || Box::pin(load()) };

/// [`ProblemNote`] as a part.
#[wasm_split(request_problem, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn problem_note(problem: Problem, live: LiveRequest) -> Loaded<AnyView> {
    Ok(view! { <ProblemNote problem live /> }.into_any())
}

/// Why the request failed: the refused fields and the conflicting tenant, or the cause. An admin can open the
/// request as a draft.
#[component]
fn ProblemNote(problem: Problem, live: LiveRequest) -> impl IntoView {
    let entry = problem.code.entry();
    let fields = problem.field_problems();
    let cause = match fields.is_empty() {
        true => view! { <p>{problem.detail()}</p> }.into_any(),
        false => {
            let items = fields.into_iter().map(refused_field).collect_view();
            view! { <ul data-testid="req-refused-fields">{items}</ul> }.into_any()
        }
    };
    let reopen = live.may_act.then(|| {
        let href = live.record.with_untracked(|record| paths::reopen(record.summary.id));
        // `external` loads the page from the server, which renders the form with the draft.
        view! {
            <ButtonLink href small=true attr:rel="external" attr:data-testid="req-reopen">
                "Open as a draft"
            </ButtonLink>
        }
        .into_any()
    });
    view! {
        <Note tone=Tone::Bad title=entry.title>
            {cause}
            {problem.conflict.map(conflict_link)}
            <p>
                {entry.next_step} " " <code data-testid="prov-error-code">{problem.code.as_str()}</code>
            </p>
            <p>"Nothing was left behind. You can use the idempotency key again."</p>
            {reopen}
        </Note>
    }
}

fn refused_field(problem: FieldProblem) -> AnyView {
    let label = match DraftField::from_path(&problem.field) {
        Some(field) => view! { <b>{field.label()}</b> }.into_any(),
        // An unknown field of an API call.
        None => view! { <code>{problem.field}</code> }.into_any(),
    };
    view! { <li>{label} ": " {problem.message}</li> }.into_any()
}

fn conflict_link(tenant: Conflict) -> AnyView {
    let text = format!("Open {} ({})", tenant.name, tenant.code);
    view! {
        <p>
            <a href=paths::tenant(&tenant.code)>{text}</a>
        </p>
    }
    .into_any()
}
