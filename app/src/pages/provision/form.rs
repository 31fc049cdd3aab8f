use domain::{
    defaults::{CommonZone, Currency, ThemePreset, TimeZone},
    plan::Plan,
    provisioning::{Draft, path},
};
use leptos::{ev, prelude::*};

use super::{
    fields::{ChoiceField, TextField, control_id, fault},
    plan::Review,
    state::{Provisioning, Saved},
};
use crate::{
    ui::{
        Button, ButtonKind, Card, Chip, Chips, ErrorSummary, Field, FieldStatus, Icon, IconName, InputGroup,
        Note, PageHead, Section, SummaryItem, described_by,
    },
    visitor::PageContext,
};

/// The form itself. FormResult plainly it does the same without scripting.
#[component]
pub(super) fn DraftForm(state: Provisioning) -> impl IntoView {
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        state.submit();
    };
    let errors = Signal::derive(move || {
        let item = |problem: &domain::FieldProblem| SummaryItem {
            field_id: control_id(&problem.field),
            text: problem.message.clone(),
        };
        state.problems.with(|problems| problems.iter().map(item).collect::<Vec<_>>())
    });
    view! {
        <PageHead title="Provision a tenant" lead=|| "Everything below is made together, or not at all.">
            <SavedMark state />
            <Button
                kind=ButtonKind::Ghost
                on:click=move |_| state.start_over()
                attr:data-testid="prov-start-over"
            >
                "Start over"
            </Button>
        </PageHead>
        <Discarded state />
        <div class="columns">
            <form method="post" action="/provision" novalidate on:submit=submit>
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
                    <OwnerSection state />
                    <Options state />
                    <div class="section cluster">
                        <Button kind=ButtonKind::Primary submit=true attr:data-testid="prov-submit">
                            {move || submit_words(state)}
                        </Button>
                        <span class="muted small">"Safe to press twice: this draft makes one tenant."</span>
                    </div>
                </Card>
            </form>
            <Review state />
        </div>
    }
}

fn submit_words(state: Provisioning) -> String {
    let name = state.draft.with(|draft| draft.name.trim().to_owned());
    let short: String = name.chars().take(40).collect();
    match short.is_empty() {
        true => "Provision".into(),
        false if short == name => format!("Provision {name}"),
        false => format!("Provision {short}…"),
    }
}

#[component]
fn SavedMark(state: Provisioning) -> impl IntoView {
    view! {
        <span
            class="muted small nowrap cluster"
            data-testid="prov-draft-saved"
            data-saved=move || (state.saved.get() == Saved::Kept).then_some("true")
        >
            {move || match state.saved.get() {
                Saved::Nothing => ().into_any(),
                Saved::Kept => {
                    view! {
                        <Icon name=IconName::Check />
                        "Draft saved"
                    }
                        .into_any()
                }
                Saved::Refused => {
                    view! {
                        <Icon name=IconName::Alert />
                        "This browser keeps no draft"
                    }
                        .into_any()
                }
            }}
        </span>
    }
}

#[component]
fn Discarded(state: Provisioning) -> impl IntoView {
    move || {
        state.discarded.get().filter(|stored| !stored.draft.is_empty()).map(|_| {
            view! {
                <Note title="The draft was discarded.">
                    <Button small=true on:click=move |_| state.undo_discard() attr:data-testid="prov-undo">
                        "Bring it back"
                    </Button>
                </Note>
            }
        })
    }
}

#[component]
fn Organisation(state: Provisioning) -> impl IntoView {
    let name = Signal::derive(move || state.draft.with(|draft| draft.name.clone()));
    let status = Signal::derive(move || fault(state, path::NAME));
    let plans = Plan::ALL
        .map(|plan| (plan.as_str().to_owned(), format!("{} · {}", plan.label(), users(plan))))
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
        <Section title="Organisation" sentence="How people and addresses will name it.">
            <div class="fields">
                <Field id="name" label="Name" status>
                    <input
                        class="input"
                        id="name"
                        name="name"
                        type="text"
                        data-testid="prov-name"
                        autocomplete="off"
                        value=name.get_untracked()
                        prop:value=name
                        on:input=move |event| state.edit_name(event_target_value(&event))
                        aria-describedby=described_by("name")
                        aria-invalid=move || status.with(FieldStatus::invalid)
                    />
                </Field>
                <SlugField state />
                <div class="field-row" data-columns="3">
                    <ChoiceField
                        state
                        path=path::PLAN
                        name="plan"
                        label="Plan"
                        choices=plans
                        read=|d| &d.plan
                        write=|d, text| d.plan = text
                    />
                    <ChoiceField
                        state
                        path=path::TIME_ZONE
                        name="timeZone"
                        label="Time zone"
                        choices=zones
                        read=|d| &d.time_zone
                        write=set_time_zone
                    />
                    <ChoiceField
                        state
                        path=path::CURRENCY
                        name="currency"
                        label="Currency"
                        choices=currencies
                        read=|d| &d.currency
                        write=|d, text| d.currency = text
                    />
                </div>
            </div>
        </Section>
    }
}

fn users(plan: Plan) -> String {
    plan.quotas().users.map_or_else(|| "unlimited users".into(), |users| format!("{users} users"))
}

/// The currency goes with the zone until it was chosen otherwise.
fn set_time_zone(draft: &mut Draft, zone: String) {
    let currency_of = |zone: &str| TimeZone::parse(zone).ok().and_then(|zone| zone.default_currency());
    if currency_of(&draft.time_zone).is_some_and(|currency| currency.as_str() == draft.currency)
        && let Some(currency) = currency_of(&zone)
    {
        draft.currency = currency.as_str().into();
    }
    draft.time_zone = zone;
}

/// The slug with its live check and, when it is taken, three free ones: a click or Alt+1 to 3.
#[component]
fn SlugField(state: Provisioning) -> impl IntoView {
    let host = expect_context::<PageContext>().host;
    let text = Memo::new(move |_| state.draft.with(|draft| draft.slug.clone()));
    let status = Signal::derive(move || match state.checks.slug_status(&text.get()) {
        FieldStatus::Empty => fault(state, path::SLUG),
        status => status,
    });
    let suggestions = Memo::new(move |_| state.checks.suggestions(&text.get()));
    apply_by_key(state, suggestions);
    let chips = move || {
        let chip = move |(place, slug): (usize, domain::slug::Slug)| {
            let words = slug.to_string();
            view! {
                <Chip
                    text=words
                    keys=format!("Alt+{}", place + 1)
                    on:click=move |_| state.apply_slug(&slug)
                    attr:data-testid="prov-slug-suggestion"
                />
            }
        };
        let suggestions = suggestions.get();
        (!suggestions.is_empty()).then(move || view! { <Chips label="Free slugs">{suggestions.into_iter().enumerate().map(chip).collect_view()}</Chips> })
    };
    view! {
        <Field id="slug" label="Slug" status status_testid="prov-slug-status" extra=move || chips>
            <InputGroup prefix=format!("{host}/")>
                <input
                    class="input"
                    id="slug"
                    name="slug"
                    type="text"
                    data-testid="prov-slug"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    value=text.get_untracked()
                    prop:value=text
                    on:input=move |event| state.edit_slug(event_target_value(&event))
                    aria-describedby=described_by("slug")
                    aria-invalid=move || status.with(FieldStatus::invalid)
                />
            </InputGroup>
        </Field>
    }
}

fn apply_by_key(state: Provisioning, suggestions: Memo<Vec<domain::slug::Slug>>) {
    Effect::new(move |_| {
        let listener = window_event_listener(ev::keydown, move |event| {
            let place = match event.code().as_str() {
                "Digit1" => 0,
                "Digit2" => 1,
                "Digit3" => 2,
                _ => return,
            };
            let slug = suggestions.with_untracked(|slugs| slugs.get(place).cloned());
            if let Some(slug) = slug.filter(|_| event.alt_key() && !event.ctrl_key()) {
                event.prevent_default();
                state.apply_slug(&slug);
            }
        });
        on_cleanup(move || listener.remove());
    });
}

#[component]
fn OwnerSection(state: Provisioning) -> impl IntoView {
    let email = Memo::new(move |_| state.draft.with(|draft| draft.owner_email.clone()));
    let status = Signal::derive(move || match state.checks.email_status(&email.get()) {
        FieldStatus::Empty => fault(state, path::OWNER_EMAIL),
        status => status,
    });
    view! {
        <Section title="Owner" sentence="They choose their own password from an invitation.">
            <div class="fields">
                <div class="field-row">
                    <TextField
                        state
                        path=path::OWNER_NAME
                        name="ownerName"
                        label="Owner's name"
                        testid="prov-owner-name"
                        read=|d| &d.owner_name
                        write=|d, text| d.owner_name = text
                    />
                    <Field id="owner-email" label="E-mail" status status_testid="prov-owner-email-status">
                        <input
                            class="input"
                            id="owner-email"
                            name="ownerEmail"
                            type="text"
                            inputmode="email"
                            data-testid="prov-owner-email"
                            autocomplete="off"
                            autocapitalize="none"
                            spellcheck="false"
                            value=email.get_untracked()
                            prop:value=email
                            on:input=move |event| {
                                state
                                    .edit(
                                        path::OWNER_EMAIL,
                                        |draft| draft.owner_email = event_target_value(&event),
                                    )
                            }
                            aria-describedby=described_by("owner-email")
                            aria-invalid=move || status.with(FieldStatus::invalid)
                        />
                    </Field>
                </div>
            </div>
        </Section>
    }
}

#[component]
fn Options(state: Provisioning) -> impl IntoView {
    let blueprints = expect_context::<PageContext>()
        .blueprints
        .into_iter()
        .map(|blueprint| (blueprint.name, blueprint.label))
        .collect::<Vec<_>>();
    let themes = ThemePreset::ALL.map(|theme| (theme.as_str().to_owned(), theme.label().to_owned())).to_vec();
    view! {
        <Section title="Options" sentence="All of it can be changed later.">
            <div class="fields">
                <div class="field-row" data-columns="3">
                    <ChoiceField
                        state
                        path=path::BLUEPRINT
                        name="blueprint"
                        label="Blueprint"
                        choices=blueprints
                        read=|d| &d.blueprint
                        write=|d, text| d.blueprint = text
                    />
                    <ChoiceField
                        state
                        path=path::THEME
                        name="theme"
                        label="Brand theme"
                        choices=themes
                        read=|d| &d.theme
                        write=|d, text| d.theme = text
                    />
                    <TextField
                        state
                        path=path::COMMISSION
                        name="commission"
                        label="Commission, %"
                        inputmode="decimal"
                        read=|d| &d.commission
                        write=|d, text| d.commission = text
                    />
                </div>
            </div>
        </Section>
    }
}
