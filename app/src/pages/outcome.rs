use domain::outcome::Provisioned;
use leptos::prelude::*;

use crate::{
    server_fns::Made,
    ui::{ButtonKind, ButtonLink, Card, KeyBox, Note, Section, Time, Tone, duration_text},
};

/// The tenant that was made a moment ago, handed from the form to its request's page. Lives in
/// memory alone: what is told once is gone with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FreshOutcome(pub RwSignal<Option<Made>>);

/// What is told once after a tenant was made: its keys and its owner's invitation.
#[component]
pub(super) fn FreshlyMade(made: Made) -> impl IntoView {
    let Made { tenant, replayed } = made;
    view! {
        <div class="stack" data-testid="prov-success" data-replayed=replayed.then_some("true")>
            {replayed
                .then(|| {
                    view! {
                        <Note tone=Tone::Info title="Nothing was made twice.">
                            <p>
                                "This draft had made this tenant already. Here it is again, without what is told only once."
                            </p>
                        </Note>
                    }
                })}
            <Card>
                <Keys tenant=tenant.clone() />
                <OwnerInvitation tenant />
                <div class="section cluster">
                    <ButtonLink href="/provision" kind=ButtonKind::Primary attr:data-testid="prov-another">
                        "Provision another"
                    </ButtonLink>
                    <ButtonLink href="/provisioning">"Open the history"</ButtonLink>
                </div>
            </Card>
        </div>
    }
}

#[component]
fn Keys(tenant: Provisioned) -> impl IntoView {
    let sentence = match tenant.secret_key {
        Some(_) => "Shown once. Copy it now; it cannot be shown again, only replaced.",
        None => "The secret was shown when the tenant was made. It cannot be shown again, only replaced.",
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
                "Pass this link on. It works once, and " {owner.name.clone()} " chooses the password."
            </p>
            <KeyBox value copy_label="Copy invitation link" attr:data-testid="prov-invitation" />
        }
    });
    view! {
        <Section title="Owner">
            <p>
                {owner.name.clone()} ", " <code>{owner.email}</code> ". The invitation ends "
                <Time ms=owner.invitation_expires_at.0 /> "."
            </p>
            {link}
        </Section>
    }
}

/// Code, slug and time under the title of a made tenant.
pub(super) fn made_lead(tenant: &Provisioned) -> impl IntoView + use<> {
    view! {
        <code>{tenant.tenant.code.clone()}</code>
        " · "
        <code>{tenant.tenant.slug.clone()}</code>
        " · "
        {duration_text(tenant.elapsed_ms())}
    }
}
