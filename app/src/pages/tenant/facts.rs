use domain::{Timestamp, lifecycle::restorable_until, registry::TenantRecord};
use leptos::prelude::*;

use super::{
    action_state::ActionState,
    settings::text_fact,
    slug_action::{SLUG_ACTION, may_change_slug, slug_action},
};
use crate::{
    page_context::PageContext,
    ui::{Card, CopyButton, Fact, Facts, Section, Time},
};

/// The identifiers, the terms and the dates of the tenant.
#[component]
pub(super) fn TenantFacts(record: TenantRecord, state: ActionState) -> impl IntoView {
    let id = record.id.to_string();
    let may_change = expect_context::<PageContext>().may_provision && may_change_slug(&record);
    let renamed = record.clone();
    let action =
        may_change.then(move || SLUG_ACTION.view(move || Box::pin(slug_action(renamed.clone(), state))));
    view! {
        <Card>
            <Section title="Facts">
                <Facts>
                    <Fact label="Slug">
                        <code>{record.slug}</code>
                        {action}
                    </Fact>
                    {text_fact("Short name", record.short_name)}
                    {text_fact("Industry", record.industry)}
                    <Fact label="Commission">{record.commission_percent.to_string()}</Fact>
                    <Fact label="Blueprint">{record.blueprint}</Fact>
                    {text_fact("External ID", record.external_id)}
                    {time_fact("Activated", record.activated_at)}
                    {time_fact("Suspended", record.suspended_at)}
                    {time_fact("Deleted", record.deleted_at)}
                    {time_fact("Restorable until", record.deleted_at.map(|at| restorable_until(at.0)))}
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
