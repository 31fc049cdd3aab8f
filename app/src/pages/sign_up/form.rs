use domain::{Problem, paths, sign_up::SignUpInput};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    closed::Closed,
    initial_state::{InitialState, SubmittedForm},
    sent::Sent,
    slug_field::{SlugField, SlugState},
};
use crate::{
    browser::read_form_values,
    codec::JsonText,
    page_context::PageContext,
    pages::plain_form::{FormProblems, Input, field_message},
    ui::{AuthLayout, Button, ButtonKind, Field, FieldStatus, described_by},
};

/// The page at `/signup`.
#[component]
pub(crate) fn SignUpPage() -> impl IntoView {
    let InitialState { is_open, needs_approval, input, posted } =
        SharedValue::<_, JsonText>::new_with_encoding(InitialState::from_request).into_inner();
    let content = match (is_open, posted) {
        (false, _) => view! { <Closed /> }.into_any(),
        (true, SubmittedForm::Sent) => {
            view! { <Sent email=input.email is_again=false problem=None /> }.into_any()
        }
        (true, SubmittedForm::SentAgain) => {
            view! { <Sent email=input.email is_again=true problem=None /> }.into_any()
        }
        (true, SubmittedForm::ResendRefused(problem)) => {
            view! { <Sent email=input.email is_again=false problem=Some(*problem) /> }.into_any()
        }
        (true, SubmittedForm::Refused(problem)) => {
            view! { <SignUpForm input needs_approval problem=Some(*problem) /> }.into_any()
        }
        (true, SubmittedForm::Nothing) => {
            view! { <SignUpForm input needs_approval problem=None /> }.into_any()
        }
    };
    view! {
        <Title text="Create an account" />
        <div data-testid="signup-page">{content}</div>
    }
}

#[component]
fn SignUpForm(input: SignUpInput, needs_approval: bool, problem: Option<Problem>) -> impl IntoView {
    // Read the input before creating the view, which resets each control to the rendered value.
    let typed: Option<SignUpInput> = read_form_values(&format!("form[action='{}']", paths::SIGN_UP));
    let message = |field| field_message(problem.as_ref(), field);
    let (name_problem, email_problem) = (message("name"), message("email"));
    let company = RwSignal::new(input.company);
    let company_status = RwSignal::new(message("company").map(FieldStatus::Invalid).unwrap_or_default());
    let slug = SlugState::new(input.slug, message("slug"));
    slug.start(company.into());
    Effect::new(move |_| {
        if let Some(typed) = typed.clone() {
            if !typed.slug.is_empty() {
                slug.edit(typed.slug);
            }
            company.set(typed.company);
        }
    });
    let edit_company = move |event| {
        company_status.set(FieldStatus::Empty);
        company.set(event_target_value(&event));
    };
    let next = if needs_approval {
        "We send a link to your e-mail address. Open it, choose a password, and your organisation is created. You can use it when we have approved it."
    } else {
        "We send a link to your e-mail address. Open it, choose a password, and your organisation is ready."
    };
    let footer = expect_context::<PageContext>().environment;
    view! {
        <AuthLayout title="Create an account" sentence=next footer>
            <FormProblems problem />
            <form method="post" action=paths::SIGN_UP novalidate data-testid="signup-form">
                <Field id="company" label="Organisation" status=company_status>
                    <input
                        class="input"
                        id="company"
                        name="company"
                        type="text"
                        autocomplete="organization"
                        required
                        value=company.get_untracked()
                        prop:value=company
                        on:input=edit_company
                        aria-describedby=described_by("company")
                        aria-invalid=move || company_status.with(FieldStatus::aria_invalid)
                        data-testid="signup-company"
                    />
                </Field>
                <SlugField state=slug help="Where your organisation is found. If empty, from its name." />
                <Input
                    id="name"
                    label="Your name"
                    autocomplete="name"
                    value=input.name
                    problem=name_problem
                    testid="signup-name"
                />
                <Input
                    id="email"
                    label="E-mail"
                    kind="email"
                    autocomplete="email"
                    value=input.email
                    problem=email_problem
                    testid="signup-email"
                />
                <Button kind=ButtonKind::Primary submit=true attr:data-testid="signup-submit">
                    "Send me the link"
                </Button>
            </form>
            <p class="muted small">
                "You have an account? " <a href=paths::LOGIN rel="external">
                    "Sign in"
                </a>
            </p>
        </AuthLayout>
    }
}
