use domain::{Timestamp, registry::TenantRecord};
use leptos::prelude::*;

use super::settings::text_fact;
use crate::ui::{Card, CopyButton, Fact, Facts, Section, Time};

/// The identifiers, the terms and the dates of the tenant.
#[component]
pub(super) fn TenantFacts(record: TenantRecord) -> impl IntoView {
    let id = record.id.to_string();
    view! {
        <Card>
            <Section title="Facts">
                <Facts>
                    {text_fact("Short name", record.short_name)}
                    {text_fact("Industry", record.industry)}
                    <Fact label="Commission">{record.commission_percent.to_string()}</Fact>
                    <Fact label="Blueprint">{record.blueprint}</Fact>
                    {text_fact("External ID", record.external_id)}
                    {time_fact("Activated", record.activated_at)}
                    {time_fact("Suspended", record.suspended_at)}
                    {time_fact("Deleted", record.deleted_at)}
                    {time_fact("Trial ends", record.trial_ends_at)}
                    <Fact label="ID">
                        <code>{id.clone()}</code>
                        <CopyButton text=id label="Copy ID" icon_only=true />
                    </Fact>
                </Facts>
            </Section>
        </Card>
    }
}

/// A fact with a time. `None` without a time.
fn time_fact(label: &'static str, at: Option<Timestamp>) -> Option<AnyView> {
    at.map(|at| {
        view! {
            <Fact label>
                <Time ms=at.0 />
            </Fact>
        }
        .into_any()
    })
}
