mod more_details;
mod slug_field;

use domain::{
    defaults::{CommonZone, Currency, ThemePreset},
    paths,
    provisioning::{Draft, DraftField},
};
use leptos::{ev, prelude::*};

use self::{more_details::MoreDetails, slug_field::SlugField};
use super::{
    fields::{ChoiceField, TextField, check_status},
    lifecycle,
    plan::PlanPreview,
    state::FormState,
    submit::{SubmitView, submit_view},
};
use crate::{
    page_context::PageContext,
    ui::{Button, ButtonKind, Card, Icon, IconName, PageHead, Section},
};

/// The maximum length of the name in the label of the submit button, in characters.
const MAX_NAME_IN_LABEL: usize = 40;

/// The form. It also works without JavaScript.
#[component]
pub(super) fn DraftForm(state: FormState) -> impl IntoView {
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        lifecycle::submit(state);
    };
    let has_problems = Memo::new(move |_| state.problems.with(|problems| !problems.is_empty()));
    let errors = move || has_problems.get().then(|| submit_view(state, SubmitView::FieldProblems));
    let is_discarded = Memo::new(move |_| {
        state.discarded.with(|stored| stored.as_ref().is_some_and(|stored| !stored.draft.is_empty()))
    });
    let discarded = move || is_discarded.get().then(|| submit_view(state, SubmitView::DiscardedNote));
    view! {
        <PageHead
            title="Provision a tenant"
            lead=|| "Everything below is created together. If one part fails, nothing is created."
        >
            <SaveIndicator state />
            <Button
                kind=ButtonKind::Ghost
                on:click=move |_| state.start_over()
                attr:data-scripted=""
                attr:data-testid="prov-start-over"
            >
                "Start over"
            </Button>
        </PageHead>
        {discarded}
        <div class="columns">
            <form
                method="post"
                action=paths::PROVISION
                novalidate
                on:submit=submit
                on:focusin=move |_| lifecycle::prepare(state)
            >
                {errors}
                <input
                    type="hidden"
                    name="idempotencyKey"
                    value=state.key.get_untracked()
                    prop:value=state.key
                    data-testid="prov-key"
                />
                <Card>
                    <Organisation state />
                    <Owner state />
                    <Options state />
                    <MoreDetails state />
                    <div class="section cluster">
                        <Button kind=ButtonKind::Primary submit=true attr:data-testid="prov-submit">
                            {move || submit_label(state)}
                        </Button>
                        <span class="muted small">"Safe to submit twice: one draft creates one tenant."</span>
                    </div>
                </Card>
            </form>
            <PlanPreview state />
        </div>
    }
}

fn submit_label(state: FormState) -> String {
    let name = state.draft.with(|draft| draft.name.trim().to_owned());
    let short: String = name.chars().take(MAX_NAME_IN_LABEL).collect();
    match short.is_empty() {
        true => "Provision".into(),
        false if short == name => format!("Provision {name}"),
        false => format!("Provision {short}…"),
    }
}

#[component]
fn SaveIndicator(state: FormState) -> impl IntoView {
    let text = move || {
        state.is_saved.get().map(|is_saved| {
            let (name, text) = match is_saved {
                true => (IconName::Check, "Draft saved"),
                false => (IconName::Alert, "Draft can't be saved in this browser"),
            };
            view! {
                <Icon name />
                {text}
            }
            .into_any()
        })
    };
    view! {
        <span
            class="muted small nowrap cluster"
            data-testid="prov-draft-saved"
            data-saved=move || (state.is_saved.get() == Some(true)).then_some("true")
        >
            {text}
        </span>
    }
}

#[component]
fn Organisation(state: FormState) -> impl IntoView {
    let plans = expect_context::<PageContext>()
        .plans
        .into_iter()
        .map(|plan| (plan.name, format!("{} · {}", plan.label, plan.users)))
        .collect::<Vec<_>>();
    let zones = CommonZone::ALL
        .iter()
        .map(|zone| (zone.name.to_owned(), zone.name.replace('_', " ")))
        .collect::<Vec<_>>();
    let currencies = Currency::ALL
        .iter()
        .map(|c| (c.as_str().to_owned(), format!("{} · {}", c.as_str(), c.label())))
        .collect::<Vec<_>>();
    view! {
        <Section title="Organisation" sentence="The name that people see and the slug in addresses.">
            <div class="fields">
                <TextField state field=DraftField::Name testid="prov-name" />
                <SlugField state />
                <div class="field-row" data-columns="3">
                    <ChoiceField state field=DraftField::Plan choices=plans />
                    <ChoiceField state field=DraftField::TimeZone choices=zones set_value=set_time_zone />
                    <ChoiceField state field=DraftField::Currency choices=currencies />
                </div>
            </div>
        </Section>
    }
}

/// Sets the time zone. Also sets its default currency, unless the admin has selected another currency.
fn set_time_zone(draft: &mut Draft, zone: String) {
    let find = |zone: &str| CommonZone::ALL.iter().find(|common| common.name == zone);
    let currency = |zone: &str| find(zone).map(|common| common.currency);
    if currency(&draft.time_zone) == Some(&draft.currency)
        && let Some(currency) = currency(&zone)
    {
        draft.currency = currency.into();
    }
    draft.time_zone = zone;
}

#[component]
fn Owner(state: FormState) -> impl IntoView {
    let status =
        Signal::derive(move || check_status(state, DraftField::OwnerEmail, &state.email_check.read().status));
    view! {
        <Section title="Owner" sentence="The owner gets an invitation link and chooses their own password.">
            <div class="fields">
                <div class="field-row">
                    <TextField state field=DraftField::OwnerName testid="prov-owner-name" />
                    <TextField
                        state
                        field=DraftField::OwnerEmail
                        testid="prov-owner-email"
                        inputmode=Some("email")
                        verbatim=true
                        status
                        status_testid="prov-owner-email-status"
                    />
                </div>
            </div>
        </Section>
    }
}

#[component]
fn Options(state: FormState) -> impl IntoView {
    let blueprints = expect_context::<PageContext>()
        .blueprints
        .into_iter()
        .map(|blueprint| (blueprint.name, blueprint.label))
        .collect::<Vec<_>>();
    let themes = ThemePreset::ALL.map(|theme| (theme.as_str().to_owned(), theme.label().to_owned())).to_vec();
    view! {
        <Section title="Options" sentence="The kind of tenant, its colours and its commission.">
            <div class="fields">
                <div class="field-row" data-columns="3">
                    <ChoiceField state field=DraftField::Blueprint choices=blueprints />
                    <ChoiceField state field=DraftField::Theme choices=themes />
                    <TextField state field=DraftField::Commission inputmode=Some("decimal") />
                </div>
            </div>
        </Section>
    }
}
