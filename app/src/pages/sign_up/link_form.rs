use domain::{Problem, paths};
use leptos::{ev, prelude::*, task::spawn_local};

use super::slug_field::{SlugField, SlugState};
use crate::{
    Failure, browser,
    page_context::PageContext,
    pages::{
        plain_form::FormProblems,
        value_check::{CheckResult, slug_result},
    },
    server_fns::{SignUpToComplete, create_from_sign_up},
    ui::{AuthLayout, Button, ButtonKind, Field, FieldStatus, Note, Tone, described_by},
};

const FORM: &str = "#complete-sign-up";

/// The form in which the owner chooses a password. With JavaScript, the tenant is created first, and the
/// browser posts the form when this has succeeded. Therefore a refused slug does not empty the password.
#[component]
pub(super) fn LinkForm(
    token: String,
    sign_up: SignUpToComplete,
    refused: Option<(String, Failure)>,
) -> impl IntoView {
    let SignUpToComplete { company, name, email, slug: wished, availability, needs_approval } = sign_up;
    let (posted_slug, refusal) = refused.unzip();
    let slug = SlugState::new(posted_slug.unwrap_or(wished), None);
    slug.start(Signal::stored(company.clone()));
    if let Some(availability) = availability {
        slug.show(without_status_if_available(slug_result(Ok(availability), None)));
    }
    let problem = RwSignal::new(None::<Problem>);
    let is_unreachable = RwSignal::new(false);
    let show = move |failure: Failure| {
        is_unreachable.set(failure == Failure::Unreachable);
        problem.set(match failure {
            failure if slug.show_refusal(&failure) => None,
            Failure::Problem(problem) => Some(*problem),
            Failure::Unreachable => None,
        });
    };
    refusal.into_iter().for_each(show);
    let is_pending = RwSignal::new(false);
    let action = paths::sign_up_verification(&token);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if is_pending.get_untracked() {
            return;
        }
        is_pending.set(true);
        let token = token.clone();
        spawn_local(async move {
            let password = browser::input_value("password");
            match create_from_sign_up(token, password, slug.text.get_untracked()).await {
                Ok(()) => browser::submit_form(FORM),
                Err(failure) => {
                    show(failure);
                    is_pending.set(false);
                    browser::focus(".error-summary, #complete-sign-up [aria-invalid]");
                }
            }
        });
    };
    let password_status = Signal::derive(move || {
        let message = problem.with(|problem| {
            let errors = problem.as_ref().map(|problem| problem.errors.as_slice()).unwrap_or_default();
            errors.iter().find(|error| error.field == "password").map(|error| error.message.clone())
        });
        message.map(FieldStatus::Invalid).unwrap_or_default()
    });
    let sentence = format!("{name}, choose a password for your account {email}.");
    let footer = expect_context::<PageContext>().environment;
    view! {
        <AuthLayout title=format!("Create {company}") sentence footer>
            {move || view! { <FormProblems problem=problem.get() /> }}
            {move || is_unreachable.get().then(|| view! { <Unreachable /> })}
            <form
                id="complete-sign-up"
                method="post"
                action=action
                novalidate
                on:submit=submit
                data-testid="signup-link-form"
            >
                <input type="hidden" name="username" value=email autocomplete="username" />
                <SlugField state=slug />
                <Field
                    id="password"
                    label="Password"
                    help="At least 15 characters. A few words that you can remember work well."
                    status=password_status
                >
                    <input
                        class="input"
                        id="password"
                        name="password"
                        type="password"
                        autocomplete="new-password"
                        required
                        aria-describedby=described_by("password")
                        aria-invalid=move || password_status.with(FieldStatus::aria_invalid)
                        data-testid="signup-password"
                    />
                </Field>
                <Button
                    kind=ButtonKind::Primary
                    submit=true
                    pending=is_pending
                    pending_text="Creating…"
                    attr:data-testid="signup-create"
                >
                    "Create organisation"
                </Button>
            </form>
            {needs_approval
                .then(|| {
                    view! { <p class="muted small">"You can use it when we have approved it."</p> }
                })}
        </AuthLayout>
    }
}

/// The server has not responded, so the outcome is not known.
#[component]
fn Unreachable() -> impl IntoView {
    view! {
        <div role="alert">
            <Note tone=Tone::Bad title=Failure::Unreachable.title()>
                <p>{Failure::Unreachable.next_step()}</p>
            </Note>
        </div>
    }
}

/// The slug that the server has found available needs no status until it is edited.
fn without_status_if_available(check: CheckResult) -> CheckResult {
    match check.status {
        FieldStatus::Available => CheckResult::default(),
        _ => check,
    }
}
