//! The provisioning form (`docs/specification.md`, section 3). The form validates while an admin types, stores
//! the draft in the browser, and shows the tenant or the reason for a refusal. [`state`] describes the phases.

mod checks;
mod fields;
mod form;
mod initial_state;
mod plan;
mod refusal;
mod state;
mod submit_progress;

use domain::{StepState, paths};
use leptos::prelude::*;
use leptos_meta::Title;

use self::{
    form::DraftForm,
    initial_state::InitialState,
    refusal::Refusal,
    state::{FormPhase, FormState},
    submit_progress::SubmitProgress,
};
use super::outcome::{OneTimeDetails, outcome_lead};
use crate::{
    Failure,
    codec::JsonText,
    page_context::PageContext,
    server_fns::ProvisionOutcome,
    ui::{
        AppShell, Button, ButtonLink, Card, Crumb, DotState, EmptyState, IconName, Note, PageHead, Section,
        Tone,
    },
};

/// The page at `/provision`.
#[component]
pub(crate) fn ProvisionPage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let (employee, environment) = (context.employee_view(), context.environment.clone());
    let initial = SharedValue::<_, JsonText>::new_with_encoding(InitialState::from_request).into_inner();
    // A posted draft is shown again even if the session has ended.
    let was_posted = initial.posted_result.is_some();
    let body = if context.may_provision || was_posted {
        let state = FormState::new(initial);
        provide_context(state);
        view! { <CurrentPhase state /> }.into_any()
    } else {
        view! { <NotAllowed /> }.into_any()
    };
    view! {
        <Title text="Provision a tenant" />
        <AppShell current=paths::PROVISION employee environment breadcrumb=vec![Crumb::current("Provision")]>
            <div data-testid="prov-page">{body}</div>
        </AppShell>
    }
}

/// The content for the current phase of the form.
#[component]
fn CurrentPhase(state: FormState) -> impl IntoView {
    move || match state.phase.get() {
        FormPhase::Editing => view! {
            {move || state.posted_refusal.get().map(|failure| view! { <PostedRefusal failure /> })}
            <DraftForm state />
        }
        .into_any(),
        FormPhase::Submitting(marks) => view! { <SubmitProgress state marks /> }.into_any(),
        FormPhase::Refused(failure) => view! { <Refusal state failure /> }.into_any(),
        FormPhase::Provisioned(outcome) => view! { <PostedOutcome outcome=*outcome /> }.into_any(),
        FormPhase::SubmittedInOtherTab(record) => view! {
            <SubmittedInOtherTab state name=record.summary.name id=record.summary.id.to_string() />
        }
        .into_any(),
    }
}

/// The refusal of a draft that was posted without JavaScript, above the form with the submitted values.
#[component]
fn PostedRefusal(failure: Failure) -> impl IntoView {
    let (title, sign_in) = match failure.is_signed_out() {
        true => ("Your session has ended. No tenant was created.", Some(view! { <SignInInNewTab /> })),
        false => (failure.title(), None),
    };
    let free_slugs = match &failure {
        Failure::Problem(problem) => {
            problem.suggestions.iter().map(|slug| slug.to_string()).collect::<Vec<_>>()
        }
        Failure::Unreachable => Vec::new(),
    };
    let free_slugs =
        (!free_slugs.is_empty()).then(|| view! { <p>"Available: " <code>{free_slugs.join(", ")}</code></p> });
    let code = failure.code().map(|code| code.as_str());
    view! {
        <div class="stack" role="alert" data-testid="prov-error">
            <Note tone=Tone::Bad title=title>
                <p>{failure.explanation()} " " <code data-testid="prov-error-code">{code}</code></p>
                {free_slugs}
                {sign_in}
            </Note>
        </div>
    }
}

/// A link that opens the sign-in page in a new tab. Without JavaScript, only this page has the draft.
#[component]
fn SignInInNewTab() -> impl IntoView {
    view! {
        <p>
            "Your input is still here. " <a href=paths::sign_in(paths::PROVISION) target="_blank" rel="external">
                "Sign in in a new tab"
            </a> ", then return to this tab and submit again."
        </p>
    }
}

/// The tenant of a draft that was posted without JavaScript.
#[component]
fn PostedOutcome(outcome: ProvisionOutcome) -> impl IntoView {
    let tenant = outcome.tenant.clone();
    let is_ready = matches!(tenant.pipeline.state, StepState::Succeeded | StepState::Skipped);
    let (title, dot) = match is_ready {
        true => (format!("{} is ready", tenant.tenant.name), DotState::Done),
        false => (format!("{} is being set up", tenant.tenant.name), DotState::Running),
    };
    let steps = (!is_ready).then(|| {
        let href = paths::request(tenant.request_id);
        view! {
            <Note tone=Tone::Info title="The tenant is not active yet.">
                <p>
                    "It becomes active after the last step in the external systems. "
                    <a href=href target="_blank" rel="external">
                        "Follow the steps in a new tab"
                    </a> ", because the details below are shown only once."
                </p>
            </Note>
        }
    });
    view! {
        <PageHead title dot lead=move || outcome_lead(&tenant) />
        {steps}
        <OneTimeDetails outcome />
    }
}

/// The form after another tab has submitted the same draft.
#[component]
fn SubmittedInOtherTab(state: FormState, name: String, id: String) -> impl IntoView {
    view! {
        <PageHead title="Provision a tenant" />
        <Card>
            <Section title="This draft was submitted in another tab" sentence="One draft creates one tenant.">
                <p>"It created " <b>{name}</b> "."</p>
                <div class="cluster">
                    <ButtonLink href=paths::request(id)>"Open that request"</ButtonLink>
                    <Button on:click=move |_| state.start_next()>"Provision another"</Button>
                </div>
            </Section>
        </Card>
    }
}

/// The page for a role that may not provision tenants.
#[component]
fn NotAllowed() -> impl IntoView {
    view! {
        <PageHead title="Provision a tenant" />
        <EmptyState
            icon=IconName::Info
            title="Your role can't provision tenants"
            sentence="Ask a super admin for a role that can. You can still open the history."
        >
            <ButtonLink href=paths::HISTORY>"Open the history"</ButtonLink>
        </EmptyState>
    }
}
