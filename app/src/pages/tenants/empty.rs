use domain::{paths, registry::TenantFilter};
use leptos::prelude::*;

use crate::{
    page_context::PageContext,
    pages::filter_query::UrlFilter,
    server_fns::HiddenTenants,
    ui::{ButtonKind, ButtonLink, EmptyState, IconName, status_style},
};

/// What to do if no tenant is listed.
#[component]
pub(super) fn NoTenants(filter: TenantFilter, hidden: Option<HiddenTenants>) -> impl IntoView {
    if let Some(hidden) = hidden {
        return hidden_by_status(&filter, hidden);
    }
    if filter.is_filtered() || !filter.after.is_empty() {
        return view! {
            <EmptyState
                icon=IconName::Search
                title="No matching tenants"
                sentence="Search for the start of a name, slug or owner's e-mail, or for a complete code or ID."
            >
                <ButtonLink href=paths::TENANTS>"Clear the filters"</ButtonLink>
            </EmptyState>
        }
        .into_any();
    }
    let provision = expect_context::<PageContext>().may_provision.then(|| {
        view! {
            <ButtonLink href=paths::PROVISION kind=ButtonKind::Primary icon=IconName::Plus>
                "Provision the first tenant"
            </ButtonLink>
        }
        .into_any()
    });
    view! {
        <EmptyState
            icon=IconName::Building
            title="No tenants yet"
            sentence="A tenant is a customer organisation with an owner, settings, packages and API keys, created together in one step."
        >
            {provision}
        </EmptyState>
    }
    .into_any()
}

/// Which tenants the filter by status hides, and the link that removes the filter.
fn hidden_by_status(filter: &TenantFilter, hidden: HiddenTenants) -> AnyView {
    let label = |status: &str| {
        status_style(status).map_or(status.to_owned(), |style| style.label.to_ascii_lowercase())
    };
    let title = match filter.q.trim() {
        "" => format!("No tenant is {}", label(&filter.status)),
        text => format!("No {} tenant matches “{text}”", label(&filter.status)),
    };
    let sentence = match (hidden.count, hidden.has_more) {
        (1, _) => {
            let HiddenTenants { first, .. } = hidden;
            let status = label(first.status.as_str());
            format!("1 tenant matches without the status filter: {}, {status}.", first.name)
        }
        (count, false) => format!("{count} tenants match without the status filter."),
        (count, true) => format!("More than {count} tenants match without the status filter."),
    };
    let without_status = TenantFilter { status: String::new(), after: String::new(), ..filter.clone() };
    view! {
        <EmptyState icon=IconName::Search title sentence>
            <ButtonLink href=without_status.path() kind=ButtonKind::Primary>
                "Remove the status filter"
            </ButtonLink>
            <ButtonLink href=paths::TENANTS>"Clear all"</ButtonLink>
        </EmptyState>
    }
    .into_any()
}
