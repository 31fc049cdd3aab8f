//! Changes the slug of the tenant.

use std::sync::Arc;

use domain::{TenantStatus, registry::TenantRecord};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::{
    action_dialog::{ActionDialog, ButtonTexts, OpenDialogButton},
    action_state::{ActionState, TenantAction},
};
use crate::{
    page_context::PageContext,
    pages::{
        slug_suggestions::{ApplySlug, SlugSuggestions},
        value_check::{CheckResult, ServerCheck, check_on_pause, slug_problem, slug_result},
    },
    part::{Loaded, Part},
    server_fns::{check_slug, rename_tenant},
    ui::{Field, FieldStatus, IconName, InputGroup, described_by},
};

const ACTION: TenantAction = TenantAction::ChangeSlug;
/// The ID of the control.
const SLUG_ID: &str = "new-slug";

/// The part that contains the code of this module.
pub(super) static SLUG_ACTION: Part = Part { name: "tenant_actions", load: || Box::pin(load()) };

/// Whether the slug can be changed. The steps of a tenant read its slug.
pub(super) fn may_change_slug(record: &TenantRecord) -> bool {
    !matches!(record.status, TenantStatus::Deleted | TenantStatus::Provisioning)
}

/// The button that opens the dialog, and the dialog.
#[wasm_split(tenant_actions, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn slug_action(record: TenantRecord, state: ActionState) -> Loaded<AnyView> {
    let view = view! {
        <div class="cluster" data-scripted="">
            <OpenDialogButton action=ACTION label="Change slug…" icon=IconName::Edit small=true />
        </div>
        <SlugDialog record state />
    };
    Ok(view.into_any())
}

#[component]
fn SlugDialog(record: TenantRecord, state: ActionState) -> impl IntoView {
    let TenantRecord { code, slug, name, version, .. } = record;
    let text = RwSignal::new(slug.clone());
    let check = RwSignal::new(CheckResult::default());
    check_availability(text, check, code.clone(), slug.clone(), name.clone());
    let submit = Callback::new(move |()| {
        state.start(ACTION, Box::pin(rename_tenant(code.clone(), text.get_untracked(), version)));
    });
    let is_same = {
        let slug = slug.clone();
        Signal::derive(move || text.with(|text| *text == slug))
    };
    let redirects = format!("Links with {slug} lead to the tenant under its new slug.");
    let reserved = format!("No other tenant can have {slug}.");
    view! {
        <ActionDialog
            state
            action=ACTION
            title=format!("Change the slug of {name}?")
            buttons=ButtonTexts {
                cancel: "Keep slug",
                confirm: "Change slug",
                pending: "Changing…",
            }
            disabled=is_same
            submit
        >
            <p>"The tenant gets another name in addresses."</p>
            <ul class="effects">
                <li>{redirects}</li>
                <li>{reserved}</li>
                <li>"API keys keep working."</li>
            </ul>
            <SlugField text check state />
        </ActionDialog>
    }
}

/// Checks the slug whenever typing pauses. The current slug has no status.
fn check_availability(
    text: RwSignal<String>,
    check: RwSignal<CheckResult>,
    code: String,
    slug: String,
    name: String,
) {
    // The check treats an empty text as a missing one.
    let changed =
        Memo::new(move |_| text.with(|text| if *text == slug { String::new() } else { text.clone() }));
    let send = move |text: String| -> ServerCheck {
        let (code, name) = (code.clone(), name.clone());
        Box::pin(async move { slug_result(check_slug(text, name).await, Some(code.as_str())) })
    };
    check_on_pause(changed, RwSignal::new(()), check, slug_problem, Arc::new(send));
}

#[component]
fn SlugField(text: RwSignal<String>, check: RwSignal<CheckResult>, state: ActionState) -> impl IntoView {
    let host = expect_context::<PageContext>().host;
    let refused = state.field_status(ACTION, "slug");
    let status = Signal::derive(move || {
        let (checked, refused) = (check.with(|check| check.status.clone()), refused.get());
        match checked {
            FieldStatus::Empty | FieldStatus::Available if refused != FieldStatus::Empty => refused,
            checked => checked,
        }
    });
    let change = move |slug: String| {
        state.clear_failure();
        text.set(slug);
    };
    let has_suggestions = Memo::new(move |_| check.with(|check| !check.suggestions.is_empty()));
    let apply: ApplySlug = Arc::new(move |slug| change(slug.to_string()));
    let chips = move || {
        let apply = apply.clone();
        has_suggestions
            .get()
            .then(|| view! { <SlugSuggestions check apply testid="tenant-slug-suggestion" /> }.into_any())
    };
    view! {
        <Field
            id=SLUG_ID
            label="New slug"
            status
            status_testid=Some("tenant-slug-status")
            extra=chips
        >
            <InputGroup prefix=format!("{host}/")>
                <input
                    class="input"
                    id=SLUG_ID
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    prop:value=move || text.get()
                    on:input=move |event| change(event_target_value(&event))
                    aria-describedby=described_by(SLUG_ID)
                    aria-invalid=move || status.with(FieldStatus::aria_invalid)
                    data-testid=SLUG_ID
                />
            </InputGroup>
        </Field>
    }
}
