use domain::{outcome::Provisioned, paths};
use leptos::{prelude::*, wasm_split::wasm_split};

use crate::{
    part::{Loaded, Part},
    server_fns::ProvisionOutcome,
    ui::{Address, ButtonKind, ButtonLink, Card, KeyBox, Note, Section, Time, Tone, duration_text},
};

/// The outcome of the latest submit, which the form passes to the request's page. The outcome contains
/// secrets, so it exists only in memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LatestOutcome(pub RwSignal<Option<ProvisionOutcome>>);

/// The part that contains [`one_time_details`]. The request's page needs the part only after a submit.
pub(super) static ONE_TIME_DETAILS: Part =
    Part { name: "request_one_time_details", load: || Box::pin(load()) };

/// [`OneTimeDetails`] as a part.
#[wasm_split(request_one_time_details, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn one_time_details(outcome: ProvisionOutcome) -> Loaded<AnyView> {
    Ok(view! { <OneTimeDetails outcome /> }.into_any())
}

/// The details that are shown once after a tenant was created: API keys and the owner's invitation.
#[component]
pub(super) fn OneTimeDetails(outcome: ProvisionOutcome) -> impl IntoView {
    let ProvisionOutcome { tenant, replayed } = outcome;
    view! {
        <div class="stack" data-testid="prov-success" data-replayed=replayed.then_some("true")>
            {replayed
                .then(|| {
                    view! {
                        <Note tone=Tone::Info title="No second tenant was created.">
                            <p>
                                "This draft was already submitted. The tenant is shown without the secret key and the invitation link, which are shown only once."
                            </p>
                        </Note>
                    }
                })}
            <Card>
                <ApiKeys tenant=tenant.clone() />
                <OwnerInvitation tenant />
                <div class="section cluster">
                    <ButtonLink href=paths::PROVISION kind=ButtonKind::Primary attr:data-testid="prov-another">
                        "Provision another"
                    </ButtonLink>
                    <ButtonLink href=paths::HISTORY>"Open the history"</ButtonLink>
                </div>
            </Card>
        </div>
    }
}

#[component]
fn ApiKeys(tenant: Provisioned) -> impl IntoView {
    let sentence = match tenant.secret_key {
        Some(_) => "The secret key is shown only once. Copy it now. A lost key can only be replaced.",
        None => "The secret key was shown when the tenant was created. A lost key can only be replaced.",
    };
    let secret = tenant.secret_key.map(|value| {
        view! { <KeyBox value copy_label="Copy secret key" secret=true attr:data-testid="prov-secret-key" /> }
    });
    view! {
        <Section title="API keys" sentence=sentence>
            {secret}
            <KeyBox value=tenant.tenant.api_key_public label="public" copy_label="Copy public key" />
        </Section>
    }
}

#[component]
fn OwnerInvitation(tenant: Provisioned) -> impl IntoView {
    let owner = tenant.owner;
    let link = owner.invitation_url.map(|value| {
        view! {
            <p class="muted">
                "Send this link to " {owner.name.clone()} ", who chooses a password with it. It works once."
            </p>
            <KeyBox value copy_label="Copy invitation link" attr:data-testid="prov-invitation" />
        }
    });
    view! {
        <Section title="Owner">
            <p>
                {owner.name.clone()} ", " <Address text=owner.email /> ". The invitation expires "
                <Time ms=owner.invitation_expires_at.0 /> "."
            </p>
            {link}
        </Section>
    }
}

/// The line under the title of a tenant's page: code, slug and duration.
pub(super) fn outcome_lead(tenant: &Provisioned) -> impl IntoView + use<> {
    view! {
        <code class="nowrap">{tenant.tenant.code.clone()}</code>
        " · "
        <code>{tenant.tenant.slug.clone()}</code>
        " · "
        {duration_text(tenant.elapsed_ms())}
    }
}
