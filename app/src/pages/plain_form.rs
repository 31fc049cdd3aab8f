//! Controls of forms that browsers post without JavaScript.

mod refused_form;

use domain::{ErrorCode, Problem};
use leptos::prelude::*;

pub(in crate::pages) use self::refused_form::RefusedForm;
use crate::ui::{
    Button, ButtonKind, ErrorSummary, Field, FieldStatus, Note, SummaryItem, Tone, described_by,
};

/// A form with one button. The other fields are hidden.
#[component]
pub(in crate::pages) fn ActionForm(
    path: String,
    fields: Vec<(&'static str, String)>,
    #[prop(into)] label: String,
    #[prop(optional)] is_danger: bool,
    #[prop(into)] testid: String,
    /// The name of the button for screen readers, if the label is the same in several rows.
    #[prop(optional, into)]
    accessible_name: Option<String>,
) -> impl IntoView {
    let kind = if is_danger { ButtonKind::Danger } else { ButtonKind::default() };
    view! {
        <form method="post" action=path>
            <HiddenFields fields />
            <Button submit=true small=true kind attr:data-testid=testid attr:aria-label=accessible_name>
                {label.clone()}
            </Button>
        </form>
    }
}

/// The hidden fields of a form.
#[component]
pub(in crate::pages) fn HiddenFields(fields: Vec<(&'static str, String)>) -> impl IntoView {
    let field = |(name, value): (&'static str, String)| {
        view! { <input type="hidden" name=name value=value /> }.into_any()
    };
    fields.into_iter().map(field).collect_view()
}

/// An input with a label.
#[component]
pub(in crate::pages) fn Input(
    id: &'static str,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    autocomplete: &'static str,
    #[prop(optional)] help: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional)] optional: bool,
    #[prop(default = None)] problem: Option<String>,
    #[prop(optional)] testid: Option<&'static str>,
) -> impl IntoView {
    let status = problem.map(FieldStatus::Invalid).unwrap_or_default();
    let invalid = status.aria_invalid();
    view! {
        <Field id label help optional status>
            <input
                class="input"
                id=id
                name=id
                type=kind
                value=value
                autocomplete=autocomplete
                required=!optional
                aria-describedby=described_by(id)
                aria-invalid=invalid
                data-testid=testid
            />
        </Field>
    }
}

/// Returns the message for a field, if the field is invalid.
pub(in crate::pages) fn field_message(problem: Option<&Problem>, field: &str) -> Option<String> {
    let errors = problem.map(|problem| problem.errors.as_slice()).unwrap_or_default();
    errors.iter().find(|error| error.field == field).map(|error| error.message.clone())
}

/// The problems of a refused form, shown above the form.
#[component]
pub(in crate::pages) fn FormProblems(problem: Option<Problem>) -> impl IntoView {
    problem.map(|problem| {
        if problem.errors.is_empty() {
            let next_step = next_step(&problem);
            return view! {
                <div role="alert">
                    <Note tone=Tone::Bad title=problem.detail()>
                        <p>{next_step}</p>
                    </Note>
                </div>
            }
            .into_any();
        }
        let errors: Vec<_> = problem
            .errors
            .into_iter()
            .map(|error| SummaryItem { field_id: error.field, text: error.message })
            .collect();
        view! { <ErrorSummary errors=errors /> }.into_any()
    })
}

/// What a person can do who uses the page and not the API.
fn next_step(problem: &Problem) -> String {
    match (problem.code, problem.retry_after_seconds()) {
        (ErrorCode::RateLimited, Some(seconds)) => format!("Try again in {} min.", seconds.div_ceil(60)),
        (ErrorCode::EmailUnavailable, _) => {
            "Sign in if it is your address. Otherwise, sign up with another one.".to_owned()
        }
        (code, _) if code.is_retryable() => "Wait a moment, then try again.".to_owned(),
        (code, _) => code.entry().next_step.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::{ErrorCode, Problem};

    use super::next_step;

    #[test]
    fn the_next_step_names_no_keys_and_says_how_long_to_wait() {
        let limited = Problem { retry_after: Some(3_541), ..ErrorCode::RateLimited.into() };
        assert_eq!(next_step(&limited), "Try again in 60 min.");
        assert_eq!(next_step(&ErrorCode::DatabaseUnavailable.into()), "Wait a moment, then try again.");
    }
}
