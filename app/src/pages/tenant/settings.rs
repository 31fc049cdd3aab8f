use domain::settings::TenantSettings;
use leptos::prelude::*;

use crate::ui::{Address, Card, Fact, Facts, Section};

/// The settings of the tenant. Settings without a value are not shown.
#[component]
pub(super) fn Settings(settings: TenantSettings) -> impl IntoView {
    let support_email = settings.support_email.map(|email| {
        view! {
            <Fact label="Support e-mail">
                <Address text=email />
            </Fact>
        }
        .into_any()
    });
    let website = settings.website_url.map(|url| {
        view! {
            <Fact label="Website">
                <a href=url.clone() rel="external noopener noreferrer">
                    {url.clone()}
                </a>
            </Fact>
        }
        .into_any()
    });
    let sender = settings.email_from_address.map(|email| {
        view! {
            <Fact label="Sender's address">
                <Address text=email />
            </Fact>
        }
        .into_any()
    });
    view! {
        <Card>
            <Section title="Settings" attr:id="settings">
                <Facts>
                    <Fact label="Company">{settings.company_name}</Fact>
                    {support_email}
                    {text_fact("Support phone", settings.support_phone)}
                    {website}
                    <Fact label="Time zone">{settings.time_zone}</Fact>
                    <Fact label="Currency">{settings.currency}</Fact>
                    <Fact label="Language">{settings.locale}</Fact>
                    {text_fact("Sender's name", settings.email_from_name)}
                    {sender}
                </Facts>
            </Section>
        </Card>
    }
}

/// A fact with a text. `None` without a text.
pub(super) fn text_fact(label: &'static str, text: Option<String>) -> Option<AnyView> {
    text.map(|text| view! { <Fact label>{text}</Fact> }.into_any())
}
