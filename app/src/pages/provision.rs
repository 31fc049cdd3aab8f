//! The provisioning form (SPEC section 3): one page that checks as one types, keeps its draft,
//! and ends in a tenant or in a precise refusal.

mod checks;
mod fields;
mod form;
mod plan;
mod refused;
mod running;
mod start;
mod state;

use domain::StepState;
use leptos::prelude::*;
use leptos_meta::Title;

use self::{
    form::DraftForm,
    refused::Refused,
    running::Running,
    start::Start,
    state::{Phase, Provisioning},
};
use super::outcome::{FreshlyMade, made_lead};
use crate::{
    Failure,
    server_fns::Made,
    ui::{
        AppShell, Button, ButtonLink, Card, Crumb, DotState, EmptyState, IconName, Note, PageHead, Section,
        Tone,
    },
    visitor::PageContext,
};

/// The page at `/provision`.
#[component]
pub(crate) fn ProvisionPage() -> impl IntoView {
    let surroundings = expect_context::<PageContext>();
    let (person, environment) = (surroundings.person_view(), surroundings.environment.clone());
    let start = SharedValue::new(Start::of_request).into_inner();
    // Whoever has posted a draft gets it back, also when the session has ended since.
    let posted = start.end.is_some();
    let body = if surroundings.may_provision || posted {
        let state = Provisioning::new(start);
        provide_context(state);
        view! { <Phases state /> }.into_any()
    } else {
        view! { <MayNot /> }.into_any()
    };
    view! {
        <Title text="Provision a tenant" />
        <AppShell current="/provision" person environment breadcrumb=vec![Crumb::here("Provision")]>
            <div data-testid="prov-page">{body}</div>
        </AppShell>
    }
}

/// What the page is right now: the form, a run, a refusal or a tenant.
#[component]
fn Phases(state: Provisioning) -> impl IntoView {
    move || match state.phase.get() {
        Phase::Editing => view! {
            {move || state.refusal.get().map(|failure| view! { <RefusedPost failure /> })}
            <DraftForm state />
        }
        .into_any(),
        Phase::Running(marks) => view! { <Running state marks /> }.into_any(),
        Phase::Refused(failure) => view! { <Refused state failure /> }.into_any(),
        Phase::Made(made) => view! { <MadeHere made=*made /> }.into_any(),
        Phase::Elsewhere(detail) => {
            view! { <Elsewhere state name=detail.summary.name id=detail.summary.id.to_string() /> }.into_any()
        }
    }
}

/// Above a draft that was posted without scripting and refused: what the refusal page says, while
/// the form keeps what was typed.
#[component]
fn RefusedPost(failure: Failure) -> impl IntoView {
    let (title, after) = match failure.is_signed_out() {
        true => ("Your session has ended. Nothing was made.", Some(view! { <SignInBeside /> })),
        false => (failure.title(), None),
    };
    let free = match &failure {
        Failure::Problem(problem) => {
            problem.suggestions.iter().map(|slug| slug.to_string()).collect::<Vec<_>>()
        }
        Failure::Unreachable => Vec::new(),
    };
    let free = (!free.is_empty()).then(|| view! { <p>"Free: " <code>{free.join(", ")}</code></p> });
    let code = failure.code().map(|code| code.as_str());
    view! {
        <div class="stack" role="alert" data-testid="prov-error">
            <Note tone=Tone::Bad title=title>
                <p>{failure.explanation()} " " <code data-testid="prov-error-code">{code}</code></p>
                {free}
                {after}
            </Note>
        </div>
    }
}

/// The sign-in opens beside the page: without scripting it is the only place that has what was typed.
#[component]
fn SignInBeside() -> impl IntoView {
    view! {
        <p>
            "What you typed is still here. " <a href="/login?next=/provision" target="_blank" rel="external">
                "Sign in in a new tab"
            </a> ", then come back and press Provision again."
        </p>
    }
}

/// The tenant of a form that was posted without scripting.
#[component]
fn MadeHere(made: Made) -> impl IntoView {
    let tenant = made.tenant.clone();
    let is_ready = matches!(tenant.pipeline.state, StepState::Succeeded | StepState::Skipped);
    let (title, dot) = match is_ready {
        true => (format!("{} is ready", tenant.tenant.name), DotState::Done),
        false => (format!("{} is being set up", tenant.tenant.name), DotState::Running),
    };
    let steps = (!is_ready).then(|| {
        let href = format!("/provisioning/{}", tenant.request_id);
        view! {
            <Note tone=Tone::Info title="The tenant is not active yet.">
                <p>
                    "It becomes active with the last step in outside systems. "
                    <a href=href target="_blank" rel="external">
                        "Follow the steps in a new tab"
                    </a> ": what stands below is told only here."
                </p>
            </Note>
        }
    });
    view! {
        <PageHead title dot lead=move || made_lead(&tenant) />
        {steps}
        <FreshlyMade made />
    }
}

/// Another tab submitted this draft.
#[component]
fn Elsewhere(state: Provisioning, name: String, id: String) -> impl IntoView {
    view! {
        <PageHead title="Provision a tenant" />
        <Card>
            <Section title="This draft was submitted in another tab" sentence="One draft makes one tenant.">
                <p>"It became " <b>{name}</b> "."</p>
                <div class="cluster">
                    <ButtonLink href=format!("/provisioning/{id}")>"Open that request"</ButtonLink>
                    <Button on:click=move |_| state.begin_anew()>"Provision another"</Button>
                </div>
            </Section>
        </Card>
    }
}

/// For those who may look but not make.
#[component]
fn MayNot() -> impl IntoView {
    view! {
        <PageHead title="Provision a tenant" />
        <EmptyState
            icon=IconName::Info
            title="Your role does not make tenants"
            sentence="Ask a super admin for the role that does. The history is open to you."
        >
            <ButtonLink href="/provisioning">"Open the history"</ButtonLink>
        </EmptyState>
    }
}
