//! The provisioning form (`docs/specification.md`, section 3). The form validates while an admin types,
//! stores the draft in the browser, and shows the outcome of the submit. [`state`] describes the phases.

mod checks;
mod fields;
mod form;
mod initial_state;
mod lifecycle;
mod plan;
mod read_form;
mod state;
mod submit;

use domain::paths;
use leptos::prelude::*;
use leptos_meta::Title;

use self::{
    form::DraftForm,
    initial_state::InitialState,
    state::{FormPhase, FormState},
    submit::{SubmitView, submit_view},
};
use crate::{
    codec::JsonText,
    page_context::PageContext,
    ui::{AppShell, ButtonLink, Crumb, EmptyState, IconName, PageHead},
};

/// The parts of the page.
#[cfg(feature = "hydrate")]
pub(crate) const PARTS: &[&crate::part::Part] = &[&checks::CHECKS, &submit::SUBMIT];

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
        lifecycle::start(state);
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
    move || {
        match state.phase.get() {
        FormPhase::Editing => view! {
            {move || state.posted_refusal.get().map(|failure| submit_view(state, SubmitView::PostedRefusal(failure)))}
            <DraftForm state />
        }
        .into_any(),
        phase => submit_view(state, SubmitView::Phase(phase)),
    }
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
