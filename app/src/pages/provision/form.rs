mod slug_field;

use domain::{
    FieldProblem,
    defaults::{CommonZone, Currency, ThemePreset, TimeZone},
    paths,
    plan::Plan,
    provisioning::{Draft, DraftField},
};
use leptos::{ev, prelude::*};

use self::slug_field::SlugField;
use super::{
    fields::{ChoiceField, TextField, control_id, submit_status},
    plan::PlanPreview,
    state::{FormState, SaveStatus},
};
use crate::{
    page_context::PageContext,
    ui::{
        Button, ButtonKind, Card, ErrorSummary, Field, FieldStatus, Icon, IconName, Note, PageHead, Section,
        SummaryItem, described_by,
    },
};

/// The maximum length of the name in the label of the submit button, in characters.
const MAX_NAME_IN_LABEL: usize = 40;

/// The form. Without JavaScript it works as a plain form post.
#[component]
pub(super) fn DraftForm(state: FormState) -> impl IntoView {
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        state.submit();
    };
    let errors = Signal::derive(move || {
        let item = |problem: &FieldProblem| SummaryItem {
            field_id: control_id(&problem.field),
            text: problem.message.clone(),
        };
        state.problems.with(|problems| problems.iter().map(item).collect::<Vec<_>>())
    });
    view! {
        <PageHead
            title="Provision a tenant"
            lead=|| "Everything below is created together. If one part fails, nothing is created."
        >
            <SaveIndicator state />
            <Button
                kind=ButtonKind::Ghost
                on:click=move |_| state.start_over()
                attr:data-testid="prov-start-over"
            >
                "Start over"
            </Button>
        </PageHead>
        <DiscardedNote state />
        <div class="columns">
            <form method="post" action=paths::PROVISION novalidate on:submit=submit>
                <ErrorSummary errors />
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
    view! {
        <span
            class="muted small nowrap cluster"
            data-testid="prov-draft-saved"
            data-saved=move || (state.save_status.get() == SaveStatus::Saved).then_some("true")
        >
            {move || match state.save_status.get() {
                SaveStatus::Empty => ().into_any(),
                SaveStatus::Saved => {
                    view! {
                        <Icon name=IconName::Check />
                        "Draft saved"
                    }
                        .into_any()
                }
                SaveStatus::Failed => {
                    view! {
                        <Icon name=IconName::Alert />
                        "Draft can't be saved in this browser"
                    }
                        .into_any()
                }
            }}
        </span>
    }
}

#[component]
fn DiscardedNote(state: FormState) -> impl IntoView {
    move || {
        state.discarded.get().filter(|stored| !stored.draft.is_empty()).map(|_| {
            view! {
                <Note title="The draft was discarded.">
                    <Button
                        small=true
                        on:click=move |_| state.undo_discard()
                        attr:data-testid="prov-undo-discard"
                    >
                        "Undo"
                    </Button>
                </Note>
            }
        })
    }
}

#[component]
fn Organisation(state: FormState) -> impl IntoView {
    let name = Signal::derive(move || state.draft.with(|draft| draft.name.clone()));
    let status = Signal::derive(move || submit_status(state, DraftField::Name));
    let plans = Plan::ALL
        .map(|plan| (plan.as_str().to_owned(), format!("{} · {}", plan.label(), user_quota(plan))))
        .to_vec();
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
                <Field id="name" label=DraftField::Name.label() status>
                    <input
                        class="input"
                        id="name"
                        name=DraftField::Name.form_name()
                        type="text"
                        data-testid="prov-name"
                        autocomplete="off"
                        value=name.get_untracked()
                        prop:value=name
                        on:input=move |event| state.edit_name(event_target_value(&event))
                        aria-describedby=described_by("name")
                        aria-invalid=move || status.with(FieldStatus::aria_invalid)
                    />
                </Field>
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

fn user_quota(plan: Plan) -> String {
    plan.quotas().users.map_or_else(|| "unlimited users".into(), |users| format!("{users} users"))
}

/// Sets the time zone. Also sets its default currency, unless the admin has selected another currency.
fn set_time_zone(draft: &mut Draft, zone: String) {
    let default_currency = |zone: &str| TimeZone::parse(zone).ok().and_then(|zone| zone.default_currency());
    if default_currency(&draft.time_zone).is_some_and(|currency| currency.as_str() == draft.currency)
        && let Some(currency) = default_currency(&zone)
    {
        draft.currency = currency.as_str().into();
    }
    draft.time_zone = zone;
}

#[component]
fn Owner(state: FormState) -> impl IntoView {
    let email = Memo::new(move |_| state.draft.with(|draft| draft.owner_email.clone()));
    let status = Signal::derive(move || match state.checks.email_status(&email.get()) {
        FieldStatus::Empty => submit_status(state, DraftField::OwnerEmail),
        status => status,
    });
    view! {
        <Section title="Owner" sentence="The owner gets an invitation link and chooses their own password.">
            <div class="fields">
                <div class="field-row">
                    <TextField state field=DraftField::OwnerName testid="prov-owner-name" />
                    <Field
                        id="owner-email"
                        label=DraftField::OwnerEmail.label()
                        status
                        status_testid="prov-owner-email-status"
                    >
                        <input
                            class="input"
                            id="owner-email"
                            name=DraftField::OwnerEmail.form_name()
                            type="text"
                            inputmode="email"
                            data-testid="prov-owner-email"
                            autocomplete="off"
                            autocapitalize="none"
                            spellcheck="false"
                            value=email.get_untracked()
                            prop:value=email
                            on:input=move |event| {
                                state.set_field(DraftField::OwnerEmail, event_target_value(&event))
                            }
                            aria-describedby=described_by("owner-email")
                            aria-invalid=move || status.with(FieldStatus::aria_invalid)
                        />
                    </Field>
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
                    <TextField state field=DraftField::Commission inputmode="decimal" />
                </div>
            </div>
        </Section>
    }
}
