use domain::{
    outcome::{Provisioned, ProvisionedOwner},
    paths,
};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::leave_dialog::{LeaveDialog, LeaveTexts};
use crate::{
    browser,
    part::{Loaded, Part},
    server_fns::{IssuedKeys, IssuedSecrets, ProvisionOutcome},
    ui::{Address, ButtonKind, ButtonLink, Card, KeyBox, Note, Section, Time, Tone, duration_text},
};

/// The outcome of the latest submit, which the form passes to the request's page. The outcome contains
/// secrets, so it exists only in memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LatestOutcome(pub RwSignal<Option<ProvisionOutcome>>);

/// The part that contains [`one_time_details`]. The request's page needs the part only after a submit, or
/// after a secret was replaced.
pub(super) static ONE_TIME_DETAILS: Part =
    Part { name: "request_one_time_details", load: || Box::pin(load()) };

/// For secrets that are not copied.
const UNCOPIED: LeaveTexts = LeaveTexts {
    title: "Leave without copying?",
    sentence: "You have not copied everything that this page shows only once. After you leave, a lost key or link can only be replaced.",
    leave: "Leave without copying",
};

/// The secrets that a page shows once. They exist only in memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OneTimeSecrets {
    /// The API key pair.
    pub keys: RwSignal<Option<IssuedKeys>>,
    /// The owner, with the invitation link.
    pub owner: RwSignal<Option<ProvisionedOwner>>,
    /// After a submit: whether an earlier call with the same key created the tenant.
    replayed: Option<bool>,
}

impl OneTimeSecrets {
    /// The secrets in the outcome of a submit. Without a submit, empty until a secret is replaced.
    pub fn new(outcome: Option<ProvisionOutcome>) -> Self {
        let replayed = outcome.as_ref().map(|outcome| outcome.replayed);
        let (keys, owner) = outcome.map(|ProvisionOutcome { tenant, .. }| split(tenant)).unzip();
        Self { keys: RwSignal::new(keys), owner: RwSignal::new(owner.flatten()), replayed }
    }

    /// Whether there is nothing to show. Tracks changes.
    pub fn is_empty(self) -> bool {
        self.keys.with(Option::is_none) && self.owner.with(Option::is_none)
    }

    /// Replaces the secrets. The page then shows the new ones.
    pub fn show(self, secrets: IssuedSecrets) {
        secrets.keys.into_iter().for_each(|keys| self.keys.set(Some(keys)));
        secrets.owner.into_iter().for_each(|owner| self.owner.set(Some(owner)));
    }

    /// Removes the secrets.
    pub fn clear(self) {
        self.keys.set(None);
        self.owner.set(None);
    }
}

fn split(tenant: Provisioned) -> (IssuedKeys, Option<ProvisionedOwner>) {
    let keys = IssuedKeys { public_key: tenant.tenant.api_key_public, secret_key: tenant.secret_key };
    (keys, tenant.owner)
}

/// [`OneTimeDetails`] as a part.
#[wasm_split(request_one_time_details, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn one_time_details(secrets: OneTimeSecrets, path: String) -> Loaded<AnyView> {
    Ok(view! { <OneTimeDetails secrets path /> }.into_any())
}

/// The details that are shown once, after a tenant was created or a secret was replaced: API keys and the
/// owner's invitation. Asks before the user leaves the page at `path` while one of them is not copied.
#[component]
pub(super) fn OneTimeDetails(secrets: OneTimeSecrets, path: String) -> impl IntoView {
    let uncopied = RwSignal::new(0);
    let is_guarded =
        Callback::new(move |()| uncopied.try_get_untracked().is_some_and(|count: u32| count > 0));
    let is_submit = secrets.replayed.is_some();
    focus_replaced(is_submit, SECRET_COPY_BUTTON, move || secrets.keys.with(Option::is_some));
    focus_replaced(is_submit, LINK_COPY_BUTTON, move || secrets.owner.with(Option::is_some));
    let keys =
        move || secrets.keys.get().map(|keys| view! { <ApiKeys keys is_submit uncopied /> }.into_any());
    let owner =
        move || secrets.owner.get().map(|owner| view! { <OwnerInvitation owner uncopied /> }.into_any());
    let is_replay = secrets.replayed == Some(true);
    view! {
        <div class="stack" data-testid="prov-success" data-replayed=is_replay.then_some("true")>
            {is_replay
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
                {keys} {owner}
                {is_submit
                    .then(|| {
                        view! {
                            <div class="section cluster">
                                <ButtonLink
                                    href=paths::PROVISION
                                    kind=ButtonKind::Primary
                                    attr:data-testid="prov-another"
                                >
                                    "Provision another"
                                </ButtonLink>
                                <ButtonLink href=paths::HISTORY>"Open the history"</ButtonLink>
                            </div>
                        }
                    })}
            </Card>
            <LeaveDialog id="leave" path is_guarded texts=UNCOPIED />
        </div>
    }
}

const SECRET_COPY_BUTTON: &str = "[data-testid=prov-secret-key] .copy";
const LINK_COPY_BUTTON: &str = "[data-testid=prov-invitation] .copy";

/// Moves the focus to a copy button when its secret was replaced. The secrets of a submit do not move the
/// focus, which stays on the heading of the page.
fn focus_replaced(is_submit: bool, button: &'static str, is_shown: impl Fn() -> bool + 'static) {
    Effect::new(move |previous: Option<()>| {
        if is_shown() && (previous.is_some() || !is_submit) {
            browser::focus(button);
        }
    });
}

#[component]
fn ApiKeys(keys: IssuedKeys, is_submit: bool, uncopied: RwSignal<u32>) -> impl IntoView {
    let sentence = match (&keys.secret_key, is_submit) {
        (Some(_), true) => "The secret key is shown only once. Copy it now. A lost key can only be replaced.",
        (Some(_), false) => "This is the new key pair. The secret key is shown only once. Copy it now.",
        (None, _) => "The secret key was shown when the tenant was created. A lost key can only be replaced.",
    };
    let secret = keys.secret_key.map(|value| {
        view! {
            <OneTimeBox
                value
                copy_label="Copy secret key"
                secret=true
                uncopied
                attr:data-testid="prov-secret-key"
            />
        }
    });
    view! {
        <Section title="API keys" sentence=sentence>
            {secret}
            <KeyBox value=keys.public_key label="public" copy_label="Copy public key" />
        </Section>
    }
}

#[component]
fn OwnerInvitation(owner: ProvisionedOwner, uncopied: RwSignal<u32>) -> impl IntoView {
    let link = owner.invitation_url.map(|value| {
        view! {
            <p class="muted">
                "Send this link to " {owner.name.clone()} ", who chooses a password with it. It works once."
            </p>
            <OneTimeBox
                value
                copy_label="Copy invitation link"
                uncopied
                attr:data-testid="prov-invitation"
            />
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

/// A value that is shown only once. `uncopied` counts it until it is copied or replaced.
#[component]
fn OneTimeBox(
    value: String,
    copy_label: &'static str,
    #[prop(optional)] secret: bool,
    uncopied: RwSignal<u32>,
) -> impl IntoView {
    uncopied.update(|count| *count += 1);
    let is_counted = StoredValue::new(true);
    let stop_counting = move || {
        if is_counted.try_update_value(std::mem::take) == Some(true) {
            let _ = uncopied.try_update(|count| *count -= 1);
        }
    };
    on_cleanup(stop_counting);
    view! { <KeyBox value copy_label secret on_copied=Callback::new(move |()| stop_counting()) /> }
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
