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

use domain::ErrorCode;
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
    server_fns::Made,
    ui::{
        AppShell, Button, ButtonLink, Card, Crumb, DotState, EmptyState, IconName, Note, PageHead, Section,
        Tone,
    },
    visitor::Surroundings,
};

/// The page at `/provision`.
#[component]
pub(crate) fn ProvisionPage() -> impl IntoView {
    let surroundings = expect_context::<Surroundings>();
    let (person, environment) = (surroundings.person_view(), surroundings.environment.clone());
    let start = SharedValue::new(Start::of_request).into_inner();
    // Whoever has posted a draft gets it back, also when the session has ended since.
    let posted = start.end.is_some();
    let body = if surroundings.may_provision || posted {
        let state = Provisioning::new(start);
        provide_context(state);
        view! { <Phases state posted /> }.into_any()
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
fn Phases(
    state: Provisioning,
    /// Whether the page answers a form that was posted without scripting.
    posted: bool,
) -> impl IntoView {
    move || match state.phase.get() {
        Phase::Editing => view! { <DraftForm state /> }.into_any(),
        Phase::Running(marks) => view! { <Running state marks /> }.into_any(),
        Phase::Refused(failure) if posted && failure.is_signed_out() => view! {
            <SignedOut />
            <DraftForm state />
        }
        .into_any(),
        Phase::Refused(failure) => view! { <Refused state failure /> }.into_any(),
        Phase::Made(made) => view! { <MadeHere made=*made /> }.into_any(),
        Phase::Elsewhere(detail) => {
            view! { <Elsewhere state name=detail.summary.name id=detail.summary.id.to_string() /> }.into_any()
        }
    }
}

/// Above a draft that was posted after its session had ended. The sign-in opens beside it, because
/// without scripting this page is the only place that has what was typed.
#[component]
fn SignedOut() -> impl IntoView {
    let code = ErrorCode::Unauthenticated;
    view! {
        <div class="stack" role="alert" data-testid="prov-error">
            <Note tone=Tone::Bad title="Your session has ended. Nothing was made.">
                <p>
                    "What you typed is still here. "
                    <a href="/login?next=/provision" target="_blank" rel="external">
                        "Sign in in a new tab"
                    </a> ", then come back and press Provision again. "
                    <code data-testid="prov-error-code">{code.as_str()}</code>
                </p>
            </Note>
        </div>
    }
}

/// The tenant of a form that was posted without scripting.
#[component]
fn MadeHere(made: Made) -> impl IntoView {
    let tenant = made.tenant.clone();
    let title = format!("{} is ready", tenant.tenant.name);
    view! {
        <PageHead title dot=DotState::Done lead=move || made_lead(&tenant)>
            ""
        </PageHead>
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
