//! `/tenants/{code}`: one tenant with everything that belongs to it. Each section has its own module. Actions
//! on the tenant belong in [`actions`], and those on a part of the tenant in the section of this part.

pub(in crate::pages) mod action_dialog;
pub(in crate::pages) mod action_state;
mod actions;
mod approval;
mod branding;
mod domains;
mod edit_link;
pub(in crate::pages) mod edit_state;
mod export_link;
mod facts;
pub(in crate::pages) mod form;
mod invitation_mail;
pub(in crate::pages) mod key_table;
mod keys;
mod messages;
mod notice;
mod owner;
mod owner_account_dialog;
mod owner_action;
mod packages;
mod pipeline;
pub(in crate::pages) mod quotas;
pub(in crate::pages) mod refusal;
mod resources;
mod settings;
mod side;
mod slug_action;

use domain::{paths, registry::TenantRecord, tenant_form::TenantForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    components::Redirect,
    hooks::{use_params_map, use_query_map},
};

use self::{
    action_state::ActionState,
    actions::{ACTIONS, tenant_actions},
    branding::Branding,
    edit_link::EditLink,
    edit_state::EditState,
    export_link::ExportLink,
    form::{FORM, FormPlace, tenant_form},
    keys::Keys,
    messages::{MESSAGES, messages},
    notice::StatusNotice,
    owner::{OWNER, owner},
    packages::{PACKAGES, packages},
    pipeline::{PIPELINE, pipeline},
    quotas::{QUOTAS, quotas},
    refusal::{REFUSAL, refusal_note},
    settings::Settings,
    side::{SIDE, side},
};
use super::{
    outcome::{ONE_TIME_DETAILS, one_time_details},
    page_resource::ResourceView,
};
use crate::{
    browser,
    page_context::PageContext,
    server_fns::{OpenedTenant, open_tenant},
    ui::{AppShell, ButtonLink, Card, CopyButton, Crumb, IconName, PageHead, Section, StatusBadge, Time},
};

/// The parts of the page.
#[cfg(feature = "hydrate")]
pub(crate) const PARTS: &[&crate::part::Part] = &[
    &ACTIONS,
    &notice::NOTICE,
    &approval::APPROVAL,
    &OWNER,
    &owner_action::OWNER_ACTION,
    &invitation_mail::INVITATION_MAIL,
    &key_table::KEY_TABLE,
    &slug_action::SLUG_ACTION,
    &QUOTAS,
    &SIDE,
    &settings::SETTINGS,
    &branding::BRANDING,
    &PACKAGES,
    &MESSAGES,
    &PIPELINE,
    &REFUSAL,
    &FORM,
    &ONE_TIME_DETAILS,
];

/// The sections to which the page links at its top: the ID and the name.
const SECTIONS: [(&str, &str); 6] = [
    ("owner", "Owner"),
    ("keys", "Keys"),
    ("packages", "Packages"),
    ("settings", "Settings"),
    ("branding", "Branding"),
    ("pipeline", "Provisioning"),
];

/// The page of one tenant. Its path can contain the code, the ID or the slug, and is then replaced by the one
/// with the code.
#[component]
pub(crate) fn TenantPage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let params = use_params_map();
    let reference = Memo::new(move |_| params.with(|params| params.get("tenant")).unwrap_or_default());
    let query = use_query_map();
    let form = Memo::new(move |_| query.with(|query| query.get(paths::FORM)).unwrap_or_default());
    let tenant = crate::codec::page_data(
        // One text, because other pages load their data by a text, too, and share its code.
        move || format!("{}\n{}", reference.get(), form.get()),
        |source: String| {
            let (reference, form) = source.split_once('\n').unwrap_or_default();
            open_tenant(reference.to_owned(), form.to_owned())
        },
    );
    let state = ActionState::new(tenant);
    let edit = EditState::new(state);
    // The heading appears when the tenant is loaded, which is later than the page. An action moves the focus
    // itself.
    let is_new_page = StoredValue::new(true);
    let view = move |opened: OpenedTenant| {
        if opened.record.code != reference.get_untracked() {
            let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
            return view! { <Redirect path=paths::tenant(&opened.record.code) options /> }.into_any();
        }
        if is_new_page.try_update_value(std::mem::take) == Some(true) {
            browser::focus_new_page();
        }
        view! { <Tenant opened edit /> }.into_any()
    };
    // What belongs to a tenant is not shown on the page of another one.
    Effect::new(move |former: Option<String>| {
        let current = reference.get();
        if former.is_some_and(|former| former != current) {
            state.secrets.clear();
            state.refusal.set(None);
            edit.close();
        }
        current
    });
    let secrets = move || {
        let path = paths::tenant(reference.get());
        (!state.secrets.is_empty())
            .then(|| ONE_TIME_DETAILS.view(move || Box::pin(one_time_details(state.secrets, path.clone()))))
    };
    let refusal = move || {
        let failure = state.refusal.get()?;
        Some(REFUSAL.view(move || Box::pin(refusal_note(failure.clone()))))
    };
    view! {
        <Title text="Tenant" />
        <AppShell
            current=paths::TENANTS
            employee=context.employee_view()
            environment=context.environment
            breadcrumb=vec![Crumb::link("Tenants", paths::TENANTS), Crumb::current("Tenant")]
        >
            // Screen readers announce each action.
            <p class="visually-hidden" role="status">
                {move || state.announcement.get()}
            </p>
            {secrets} {refusal}
            <div data-testid="tenant-detail">
                <ResourceView
                    resource=tenant
                    label="Loading the tenant"
                    path=Signal::derive(move || paths::tenant(reference.get()))
                    title="Tenant"
                    view
                />
            </div>
        </AppShell>
    }
}

#[component]
fn Tenant(opened: OpenedTenant, edit: EditState) -> impl IntoView {
    let OpenedTenant { record, keys, form } = opened;
    let state = edit.actions;
    let code = record.code.clone();
    let form_view = |of: TenantForm| {
        let (code, opened) = (code.clone(), form.clone().filter(|opened| opened.form == of)?);
        let place = FormPlace::Console { code };
        Some(FORM.view(move || Box::pin(tenant_form(place.clone(), opened.clone(), edit, true))))
    };
    let limited = record.clone();
    let limits = QUOTAS.view(move || Box::pin(quotas(limited.clone())));
    let (of_packages, of_segments) = (record.packages.clone(), record.segments.clone());
    let sold = PACKAGES.view(move || Box::pin(packages(of_packages.clone(), of_segments.clone())));
    let beside = record.clone();
    let side = SIDE.view(move || Box::pin(side(beside.clone(), state)));
    let may_provision = expect_context::<PageContext>().may_provision;
    let owned = record.clone();
    let owner_view = OWNER.view(move || Box::pin(owner(owned.clone(), may_provision, state)));
    let of_messages = record.messages.clone();
    let mails =
        (!of_messages.is_empty()).then(|| MESSAGES.view(move || Box::pin(messages(of_messages.clone()))));
    let (of_pipeline, of_job) = (record.pipeline.clone(), record.lifecycle_job.clone());
    let steps = PIPELINE.view(move || Box::pin(pipeline(of_pipeline.clone(), of_job.clone())));
    let terms = form_view(TenantForm::Terms).map(|form| {
        view! {
            <Card>
                <Section
                    title="Edit tenant"
                    sentence="To change the slug, go to Facts."
                    attr:id=TenantForm::Terms.as_str()
                >
                    {form}
                </Section>
            </Card>
        }
        .into_any()
    });
    let links = SECTIONS.map(|(id, name)| {
        view! {
            <a href=format!("#{id}") rel="external">
                {name}
            </a>
        }
        .into_any()
    });
    view! {
        <Title text=record.name.clone() />
        <TenantHead record=record.clone() edit />
        <StatusNotice record=record.clone() state />
        <nav class="tabs" aria-label="Sections">
            {links.into_iter().collect_view()}
        </nav>
        <div class="columns" data-wide="">
            <div class="stack">
                {terms} {limits}
                {owner_view}
                <Keys record=record.clone() keys state />
                {sold}
                <Settings record=record.clone() edit form=form_view(TenantForm::Settings) />
                <Branding record=record.clone() edit form=form_view(TenantForm::Branding) />
                {mails} {steps}
            </div>
            <aside class="stack">{side}</aside>
        </div>
    }
}

/// The name with the status, a line with the identifiers, and the actions.
#[component]
fn TenantHead(record: TenantRecord, edit: EditState) -> impl IntoView {
    let context = expect_context::<PageContext>();
    let status = record.status.as_str();
    let TenantRecord { code, slug, plan, created_at, created_by, .. } = record.clone();
    let plan = context.plan_label(&plan);
    let (title, request) = (record.name.clone(), paths::request(record.request_id));
    let exported = code.clone();
    let edited = record.clone();
    let actions = context
        .may_provision
        .then(move || ACTIONS.view(move || Box::pin(tenant_actions(record.clone(), edit.actions))));
    let lead = move || {
        view! {
            <span class="idline">
                <span>
                    <code>{code.clone()}</code>
                    <CopyButton text=code.clone() label="Copy code" icon_only=true />
                </span>
                <span>
                    <code>{slug.clone()}</code>
                    <CopyButton text=slug.clone() label="Copy slug" icon_only=true />
                </span>
                <span>{plan.clone()} " plan"</span>
                <span>"Created " <Time ms=created_at.0 /> " by " {created_by.clone()}</span>
            </span>
        }
        .into_any()
    };
    view! {
        <PageHead title lead badge=move || view! { <StatusBadge status /> }>
            <EditLink record=edited form=TenantForm::Terms edit subject="tenant" /> {actions}
            <ExportLink code=exported />
            <ButtonLink href=request icon=IconName::History>
                "Open the request"
            </ButtonLink>
        </PageHead>
    }
}
