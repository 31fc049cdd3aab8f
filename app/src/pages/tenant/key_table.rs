//! The API keys of a tenant, with the actions of admins.

use domain::tenant_key::{KeyStatus, TenantKey};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::{
    action_dialog::{ActionDialog, ActionField, ButtonTexts, OpenDialogButton},
    action_state::{ActionState, TenantAction},
};
use crate::{
    pages::{outcome::ONE_TIME_DETAILS, overlap_field::OverlapField},
    part::{Loaded, Part},
    server_fns::{IssuedSecrets, create_key, revoke_key, rotate_key},
    ui::{Button, Column, IconName, StatusBadge, Table, Time, open_dialog},
};

const COLUMNS: &[Column] = &[
    Column::text("Name"),
    Column::text("Status"),
    Column::text("Created"),
    Column::text("Last used"),
    Column::actions(),
];

/// The part that contains the code of this module.
pub(in crate::pages) static KEY_TABLE: Part = Part { name: "tenant_actions", load: || Box::pin(load()) };

/// The table of the keys, and the dialogs that create, replace and revoke a key.
#[wasm_split(tenant_actions, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(in crate::pages) fn key_table(
    tenant: String,
    keys: Vec<TenantKey>,
    state: ActionState,
) -> Loaded<AnyView> {
    let selected = RwSignal::new(None::<TenantKey>);
    let rows = keys.into_iter().map(|key| row(key, selected)).collect::<Vec<_>>();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <Table label="API keys" columns=COLUMNS small=true>
                {rows}
            </Table>
        }
        .into_any()
    });
    let view = view! {
        {table}
        <p class="without-scripts">"To create, replace or revoke a key, turn on JavaScript."</p>
        <div class="cluster" data-scripted="">
            <OpenDialogButton
                action=TenantAction::CreateKey
                label="Create key…"
                icon=IconName::Plus
                small=true
            />
        </div>
        <CreateDialog tenant=tenant.clone() state />
        <RotateDialog tenant=tenant.clone() selected state />
        <RevokeDialog tenant selected state />
    };
    Ok(view.into_any())
}

fn row(key: TenantKey, selected: RwSignal<Option<TenantKey>>) -> AnyView {
    let last_used = match key.last_used_at {
        Some(at) => view! { <Time ms=at.0 /> }.into_any(),
        None => view! { <span class="muted">"Never"</span> }.into_any(),
    };
    // A replaced key works until its overlap ends.
    let until = key.expires_at.filter(|_| key.revoked_at.is_none()).map(|at| {
        view! {
            <span class="sub">
                <Time ms=at.0 event=("Works until ", "Replaced") />
            </span>
        }
    });
    let works = matches!(key.status, KeyStatus::Active | KeyStatus::Expiring);
    let rotate = (works && key.replaced_by.is_none())
        .then(|| row_button(TenantAction::RotateKey, "Rotate…", key.clone(), selected));
    let revoke = works.then(|| row_button(TenantAction::RevokeKey, "Revoke…", key.clone(), selected));
    view! {
        <tr>
            <td class="cause">
                <b>{key.name}</b>
                <code class="sub">{key.public_key}</code>
            </td>
            <td data-label="Status">
                <div>
                    <StatusBadge status=key.status.as_str() />
                    {until}
                </div>
            </td>
            <td data-label="Created">
                <Time ms=key.created_at.0 />
            </td>
            <td data-label="Last used">{last_used}</td>
            <td class="end">
                <div class="cluster" data-scripted="">
                    {rotate}
                    {revoke}
                </div>
            </td>
        </tr>
    }
    .into_any()
}

/// The button that opens a dialog for one key. Screen readers also read the name of the key.
fn row_button(
    action: TenantAction,
    label: &'static str,
    key: TenantKey,
    selected: RwSignal<Option<TenantKey>>,
) -> AnyView {
    let name = key.name.clone();
    let open = move |_| {
        selected.set(Some(key.clone()));
        open_dialog(action.id());
    };
    view! {
        <Button small=true on:click=open attr:data-testid=action.id() attr:aria-haspopup="dialog">
            {label}
            <span class="visually-hidden">" " {name.clone()}</span>
        </Button>
    }
    .into_any()
}

#[component]
fn CreateDialog(tenant: String, state: ActionState) -> impl IntoView {
    const ACTION: TenantAction = TenantAction::CreateKey;
    let name = RwSignal::new(String::new());
    let submit = Callback::new(move |()| {
        ONE_TIME_DETAILS.preload();
        let created = create_key(tenant.clone(), name.get_untracked());
        state
            .start(ACTION, Box::pin(async { Ok(IssuedSecrets { keys: Some(created.await?), owner: None }) }));
    });
    view! {
        <ActionDialog
            state
            action=ACTION
            title="Create an API key"
            buttons=ButtonTexts {
                cancel: "Cancel",
                confirm: "Create key",
                pending: "Creating…",
            }
            submit
        >
            <p>"The secret key is shown once, after you create the key."</p>
            <ActionField
                state
                action=ACTION
                id="key-name"
                field="name"
                label="Name"
                help="For example, the program that uses the key."
                value=name
            />
        </ActionDialog>
    }
}

#[component]
fn RotateDialog(tenant: String, selected: RwSignal<Option<TenantKey>>, state: ActionState) -> impl IntoView {
    const ACTION: TenantAction = TenantAction::RotateKey;
    let submit = Callback::new(move |()| {
        let Some(key) = selected.get_untracked() else { return };
        ONE_TIME_DETAILS.preload();
        let hours = state.overlap_hours.get_untracked();
        let rotated = rotate_key(tenant.clone(), key.id.to_string(), hours);
        state
            .start(ACTION, Box::pin(async { Ok(IssuedSecrets { keys: Some(rotated.await?), owner: None }) }));
    });
    view! {
        <ActionDialog
            state
            action=ACTION
            title="Replace this API key?"
            buttons=ButtonTexts {
                cancel: "Keep current key",
                confirm: "Create secret key",
                pending: "Creating…",
            }
            submit
        >
            <SelectedKey selected />
            <p>
                "The tenant gets a new key pair with the same name. The current pair stops working at the time that you choose. Update every integration that uses it before then."
            </p>
            <OverlapField hours=state.overlap_hours />
        </ActionDialog>
    }
}

#[component]
fn RevokeDialog(tenant: String, selected: RwSignal<Option<TenantKey>>, state: ActionState) -> impl IntoView {
    const ACTION: TenantAction = TenantAction::RevokeKey;
    let submit = Callback::new(move |()| {
        if let Some(key) = selected.get_untracked() {
            state.start(ACTION, Box::pin(revoke_key(tenant.clone(), key.id.to_string())));
        }
    });
    view! {
        <ActionDialog
            state
            action=ACTION
            title="Revoke this API key?"
            buttons=ButtonTexts {
                cancel: "Keep key",
                confirm: "Revoke key",
                pending: "Revoking…",
            }
            danger=true
            submit
        >
            <SelectedKey selected />
            <p>"Both keys of the pair stop working immediately. You can't undo this."</p>
        </ActionDialog>
    }
}

/// The name and the public key of the selected key pair.
#[component]
fn SelectedKey(selected: RwSignal<Option<TenantKey>>) -> impl IntoView {
    let key = move || {
        selected.get().map(|key| {
            view! {
                <b>{key.name}</b>
                " "
                <code>{key.public_key}</code>
            }
            .into_any()
        })
    };
    view! { <p>{key}</p> }
}
