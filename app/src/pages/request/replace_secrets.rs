//! Replaces secrets that were shown only once: the tenant's API key pair and the owner's invitation link.

use domain::{history::TenantAccess, invitation::InvitationStatus};
use leptos::{prelude::*, task::spawn_local, wasm_split::wasm_split};

use super::{live_request::LiveRequest, request_phase::RequestPhase};
use crate::{
    Failure,
    pages::{
        outcome::{ONE_TIME_DETAILS, OneTimeSecrets},
        overlap_field::OverlapField,
    },
    part::{Loaded, Part},
    server_fns::{RequestRecord, follow_request, resend_invitation, rotate_key},
    ui::{Button, ButtonKind, Card, Dialog, DialogActions, Fact, Facts, Section, close_dialog, open_dialog},
};

/// The part that contains the code of this module. Only the request of a finished tenant needs the part.
pub(super) static REPLACE_SECRETS: Part = Part { name: "request_replace_secrets", load: || Box::pin(load()) };

/// The access that the signed-in admin may replace. `None` unless the tenant exists, and its steps have ended
/// or wait for an owner.
pub(super) fn replaceable(live: LiveRequest) -> Memo<Option<TenantAccess>> {
    let access = live.select(|record| record.access.clone());
    let is_settled = move || matches!(live.phase.get(), RequestPhase::Ready | RequestPhase::WithoutOwner);
    Memo::new(move |_| access.get().filter(|_| live.may_act && is_settled()))
}

/// The current key and the invitation, with the buttons that replace them.
#[wasm_split(request_replace_secrets, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn replace_secrets(live: LiveRequest, secrets: OneTimeSecrets) -> Loaded<AnyView> {
    Ok(view! { <ReplaceSecrets live secrets /> }.into_any())
}

/// A secret that can be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SecretKind {
    Key,
    Link,
}

impl SecretKind {
    /// The ID of the dialog.
    const fn dialog(self) -> &'static str {
        match self {
            Self::Key => "new-secret-key",
            Self::Link => "new-invitation-link",
        }
    }

    /// The text of the button that opens the dialog.
    const fn label(self) -> &'static str {
        match self {
            Self::Key => "New secret key",
            Self::Link => "New invitation link",
        }
    }

    /// The texts of the dialog's buttons that cancel and confirm.
    const fn button_texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Key => ("Keep current key", "Create secret key"),
            Self::Link => ("Keep current link", "Create invitation link"),
        }
    }
}

/// The running replacement, and the latest failure.
#[derive(Debug, Clone, Copy)]
struct ReplacementState {
    live: LiveRequest,
    secrets: OneTimeSecrets,
    /// The number of hours for which the replaced key keeps working.
    overlap_hours: RwSignal<u32>,
    running: RwSignal<Option<SecretKind>>,
    failed: RwSignal<Option<(SecretKind, Failure)>>,
}

impl ReplacementState {
    /// Replaces a secret and shows the new one. Then shows the updated request, also after a failure, because
    /// another admin may have changed it.
    fn start(self, replaced: SecretKind) {
        if self.running.with_untracked(Option::is_some) {
            return;
        }
        let record = self.live.record.get_untracked();
        let id = record.summary.id.to_string();
        self.failed.set(None);
        self.running.set(Some(replaced));
        ONE_TIME_DETAILS.preload();
        spawn_local(async move {
            let result = self.replace(replaced, record).await;
            let record = follow_request(id).await.ok();
            if self.running.is_disposed() {
                return;
            }
            self.running.set(None);
            self.failed.set(result.err().map(|failure| (replaced, failure)));
            record.into_iter().for_each(|record| self.live.update(record));
        });
    }

    /// Replaces a secret. Closes the dialog before the new secret appears, because the secret then gets the
    /// focus.
    async fn replace(self, replaced: SecretKind, record: RequestRecord) -> Result<(), Failure> {
        let tenant = record.summary.tenant_code.unwrap_or_default();
        match replaced {
            SecretKind::Key => {
                let key_id = record.access.map(|access| access.key_id).unwrap_or_default();
                let keys = rotate_key(tenant, key_id, self.overlap_hours.get_untracked()).await?;
                close_dialog(replaced.dialog());
                let _ = self.secrets.keys.try_set(Some(keys));
            }
            SecretKind::Link => {
                let owner = resend_invitation(tenant).await?;
                close_dialog(replaced.dialog());
                let _ = self.secrets.owner.try_set(Some(owner));
            }
        }
        Ok(())
    }

    fn failure_of(self, replaced: SecretKind) -> Option<Failure> {
        self.failed.get().filter(|(failed, _)| *failed == replaced).map(|(_, failure)| failure)
    }
}

#[component]
fn ReplaceSecrets(live: LiveRequest, secrets: OneTimeSecrets) -> impl IntoView {
    let state = ReplacementState {
        live,
        secrets,
        overlap_hours: RwSignal::new(0),
        running: RwSignal::new(None),
        failed: RwSignal::new(None),
    };
    let access = replaceable(live);
    let public_key = move || access.get().map(|access| access.public_key);
    let invitation = Memo::new(move |_| access.get().and_then(|access| access.invitation));
    let is_open = move || !matches!(invitation.get(), None | Some(InvitationStatus::Accepted));
    let link_button =
        move || is_open().then(|| view! { <OpenButton replaced=SecretKind::Link /> }.into_any());
    view! {
        <Card>
            <Section
                title="Access"
                sentence="The secret key and the invitation link are shown only once. Replace them if they were lost."
            >
                <Facts>
                    <Fact label="Current public key">
                        <code data-testid="req-public-key">
                            {public_key}
                        </code>
                    </Fact>
                    <Fact label="Owner's invitation">
                        <span data-testid="req-invitation">
                            {move || invitation.get().map_or("No owner yet", invitation_text)}
                        </span>
                    </Fact>
                </Facts>
                <p class="without-scripts">"To replace a key or a link, turn on JavaScript."</p>
                <div class="cluster" data-scripted="">
                    <OpenButton replaced=SecretKind::Key />
                    {link_button}
                </div>
            </Section>
        </Card>
        <ReplacementDialog state replaced=SecretKind::Key title="Create a new secret key?">
            <p>
                "The tenant gets a new key pair. The current pair stops working at the time that you choose. Update every integration that uses it before then."
            </p>
            <OverlapField hours=state.overlap_hours />
        </ReplacementDialog>
        <ReplacementDialog state replaced=SecretKind::Link title="Create a new invitation link?">
            <p>
                "The former link stops working immediately. The new link works for 7 days. Send it to the owner yourself."
            </p>
        </ReplacementDialog>
    }
}

const fn invitation_text(status: InvitationStatus) -> &'static str {
    match status {
        InvitationStatus::Pending => "Waiting for the owner",
        InvitationStatus::Expired => "Expired",
        InvitationStatus::Revoked => "Revoked",
        InvitationStatus::Accepted => "Accepted",
    }
}

/// The button that opens a dialog.
#[component]
fn OpenButton(replaced: SecretKind) -> impl IntoView {
    view! {
        <Button
            on:click=move |_| open_dialog(replaced.dialog())
            attr:data-testid=format!("req-{}", replaced.dialog())
            attr:aria-haspopup="dialog"
        >
            {replaced.label()}
        </Button>
    }
}

/// Asks before a secret is replaced, and shows why it was not replaced.
#[component]
fn ReplacementDialog(
    state: ReplacementState,
    replaced: SecretKind,
    #[prop(into)] title: String,
    children: Children,
) -> impl IntoView {
    let id = replaced.dialog();
    let (cancel, confirm) = replaced.button_texts();
    let failure = move || {
        state.failure_of(replaced).map(|failure| {
            view! {
                <p data-testid=format!("{id}-failure")>
                    <b>{failure.title()}</b>
                    " "
                    {failure.explanation()}
                    " "
                    <code>{failure.code_text()}</code>
                </p>
            }
            .into_any()
        })
    };
    let pending = Signal::derive(move || state.running.get() == Some(replaced));
    view! {
        <Dialog id title attr:data-testid=format!("{id}-dialog")>
            <div class="stack">
                {children()} <div role="alert">{failure}</div>
                <DialogActions>
                    <Button on:click=move |_| close_dialog(id)>{cancel}</Button>
                    <Button
                        kind=ButtonKind::Primary
                        on:click=move |_| state.start(replaced)
                        pending
                        pending_text="Creating…"
                        attr:data-testid=format!("{id}-confirm")
                    >
                        {confirm}
                    </Button>
                </DialogActions>
            </div>
        </Dialog>
    }
}
