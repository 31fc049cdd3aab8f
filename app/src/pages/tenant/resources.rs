use domain::registry::TenantResource;
use leptos::prelude::*;

use crate::ui::{Card, Fact, Facts, Section, Time};

/// What the steps created in external systems. Not shown for a tenant without resources.
#[component]
pub(super) fn Resources(resources: Vec<TenantResource>) -> impl IntoView {
    let row = |resource: TenantResource| {
        let reference = resource.external_reference;
        let reference = match resource.url {
            Some(url) => view! {
                <a href=url rel="external noopener noreferrer">
                    {reference}
                </a>
            }
            .into_any(),
            None => view! { <code>{reference}</code> }.into_any(),
        };
        view! {
            <Fact label=label(&resource.kind)>
                {reference} <span class="sub">"Created " <Time ms=resource.created_at.0 /></span>
            </Fact>
        }
        .into_any()
    };
    (!resources.is_empty()).then(|| {
        view! {
            <Card>
                <Section title="External systems">
                    <Facts>{resources.into_iter().map(row).collect_view()}</Facts>
                </Section>
            </Card>
        }
    })
}

/// The name of a kind on screen.
fn label(kind: &str) -> String {
    match kind {
        "database" => "Database".into(),
        "odoo18_user" => "Odoo 18 user".into(),
        "odoo19_tenant" => "Odoo 19 tenant".into(),
        "odoo19_user" => "Odoo 19 user".into(),
        "bridge_entry" => "Metadata bridge".into(),
        kind => kind.to_owned(),
    }
}
