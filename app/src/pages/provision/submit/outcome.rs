use domain::{StepState, paths};
use leptos::prelude::*;

use super::super::state::FormState;
use crate::{
    Failure,
    codec::from_json,
    pages::outcome::{OneTimeDetails, OneTimeSecrets, outcome_lead},
    server_fns::ProvisionOutcome,
    ui::{Button, ButtonLink, Card, DotState, Note, PageHead, Section, Tone},
};

/// The refusal of a draft that was posted without JavaScript, above the form with the submitted values.
#[component]
pub(super) fn PostedRefusal(failure: Failure) -> impl IntoView {
    let (title, sign_in) = match failure.is_signed_out() {
        true => ("Your session has ended. No tenant was created.", Some(view! { <SignInInNewTab /> })),
        false => (failure.title(), None),
    };
    let code = failure.code().map(|code| code.as_str());
    view! {
        <div class="stack" role="alert" data-testid="prov-error">
            <Note tone=Tone::Bad title=title>
                <p>{failure.explanation()} " " <code data-testid="prov-error-code">{code}</code></p>
                {sign_in}
            </Note>
        </div>
    }
}

/// A link that opens the sign-in page in a new tab, because without JavaScript only this page contains the
/// draft.
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

/// The tenant of a draft that was posted without JavaScript, from the JSON of its [`ProvisionOutcome`].
#[component]
pub(super) fn PostedOutcome(json: String) -> impl IntoView {
    from_json::<ProvisionOutcome>(&json).ok().map(posted_outcome)
}

fn posted_outcome(outcome: ProvisionOutcome) -> AnyView {
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
        <OneTimeDetails secrets=OneTimeSecrets::new(Some(outcome)) path=paths::PROVISION.to_owned() />
    }
    .into_any()
}

/// Replaces the form after another tab has submitted the same draft.
#[component]
pub(super) fn SubmittedInOtherTab(state: FormState, name: String, id: String) -> impl IntoView {
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
