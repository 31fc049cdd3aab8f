use domain::{
    provisioning::DraftField, registry::TenantRecord, settings::TenantSettings, tenant_form::TenantForm,
};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::{edit_link::EditLink, edit_state::EditState};
use crate::{
    part::{Loaded, Part},
    ui::{Address, Card, Fact, Facts, Section},
};

/// The part that contains the facts of the section.
pub(super) static SETTINGS: Part = Part { name: "tenant_details", load: || Box::pin(load()) };

/// The settings of the tenant, or the `form` that changes them. Settings without a value are not shown.
#[component]
pub(super) fn Settings(record: TenantRecord, edit: EditState, form: Option<AnyView>) -> impl IntoView {
    let is_edited = form.is_some();
    let settings = record.settings.clone();
    let content = form.unwrap_or_else(|| SETTINGS.view(move || Box::pin(settings_facts(settings.clone()))));
    let edit_link = move || {
        (!is_edited).then(|| {
            view! {
                <EditLink
                    record=record.clone()
                    form=TenantForm::Settings
                    edit
                    subject="settings"
                    small=true
                />
            }
        })
    };
    view! {
        <Card>
            <Section title="Settings" aside=edit_link attr:id="settings">
                {content}
            </Section>
        </Card>
    }
}

#[wasm_split(tenant_details, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
fn settings_facts(settings: TenantSettings) -> Loaded<AnyView> {
    let support_email = settings.support_email.map(|email| {
        view! {
            <Fact label=DraftField::SupportEmail.label()>
                <Address text=email />
            </Fact>
        }
        .into_any()
    });
    let website = settings.website_url.map(|url| {
        view! {
            <Fact label=DraftField::WebsiteUrl.label()>
                <a href=url.clone() rel="external noopener noreferrer">
                    {url.clone()}
                </a>
            </Fact>
        }
        .into_any()
    });
    let sender = settings.email_from_address.map(|email| {
        view! {
            <Fact label=DraftField::EmailFromAddress.label()>
                <Address text=email />
            </Fact>
        }
        .into_any()
    });
    let view = view! {
        <Facts>
            <Fact label=DraftField::CompanyName.label()>{settings.company_name}</Fact>
            {support_email}
            {text_fact(DraftField::SupportPhone.label(), settings.support_phone)}
            {website}
            <Fact label=DraftField::Locale.label()>{settings.locale}</Fact>
            <Fact label=DraftField::TimeZone.label()>{settings.time_zone}</Fact>
            <Fact label=DraftField::Currency.label()>{settings.currency}</Fact>
            {text_fact(DraftField::EmailFromName.label(), settings.email_from_name)}
            {sender}
        </Facts>
    };
    Ok(view.into_any())
}

/// A fact with a text. `None` without a text.
pub(super) fn text_fact(label: &'static str, text: Option<String>) -> Option<AnyView> {
    text.map(|text| view! { <Fact label>{text}</Fact> }.into_any())
}
