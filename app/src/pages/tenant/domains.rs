use domain::custom_domain::{DomainStatus, TenantDomain};
use leptos::prelude::*;

use crate::ui::{Card, Fact, Facts, Section, Time};

/// The custom domains. Not shown for a tenant without domains.
#[component]
pub(super) fn Domains(domains: Vec<TenantDomain>) -> impl IntoView {
    let row = |domain: TenantDomain| {
        let label = domain.domain.to_string();
        let status = match (domain.status, domain.verified_at) {
            (DomainStatus::Verified, Some(at)) => view! { "Verified " <Time ms=at.0 /> }.into_any(),
            (DomainStatus::Refused, _) => "Refused: another tenant verified it".into_any(),
            _ => view! {
                "Waiting for the " {domain.record.kind} " record " <code>{domain.record.name}</code> " with the value "
                <code>{domain.record.value}</code>
            }
            .into_any(),
        };
        view! { <Fact label>{status}</Fact> }.into_any()
    };
    (!domains.is_empty()).then(|| {
        view! {
            <Card>
                <Section title="Domains">
                    <Facts>{domains.into_iter().map(row).collect_view()}</Facts>
                </Section>
            </Card>
        }
    })
}
