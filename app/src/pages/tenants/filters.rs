use domain::{
    TenantStatus, paths,
    registry::{StatusCount, TenantFilter, TenantSort},
};
use leptos::prelude::*;

use crate::{
    page_context::PageContext,
    pages::filter_query::UrlFilter,
    ui::{FilterBar, FilterForm, FilterLink, FilterSelect, number_text, status_style},
};

/// The filters and the order. The form and the links lead to the same URLs, so that both work without
/// JavaScript.
#[component]
pub(super) fn Filters(filter: TenantFilter, counts: Vec<StatusCount>) -> impl IntoView {
    let statuses = status_links(&filter, &counts);
    let plans: Vec<_> =
        expect_context::<PageContext>().plans.into_iter().map(|plan| (plan.name, plan.label)).collect();
    let sorts = [(TenantSort::Name, "Name, A to Z"), (TenantSort::Status, "By status")]
        .map(|(sort, label)| (sort.as_str().to_owned(), label.to_owned()));
    view! {
        {statuses}
        <FilterForm
            path=paths::TENANTS
            label="Filter the tenants"
            search_label="Search the tenants"
            placeholder="Name, slug, code, owner's e-mail"
            q=filter.q
            name="tenants"
        >
            <input type="hidden" name="status" value=filter.status.clone() disabled=filter.status.is_empty() />
            <FilterSelect
                name="plan"
                label="Plan"
                any_label="Any plan"
                selected=filter.plan
                choices=plans
            />
            <FilterSelect
                name="sort"
                label="Sort"
                any_label="Newest first"
                selected=filter.sort
                choices=sorts.to_vec()
            />
        </FilterForm>
    }
}

/// The links that select a status, each with the number of its tenants.
fn status_links(filter: &TenantFilter, counts: &[StatusCount]) -> AnyView {
    let with_status =
        |status: &str| TenantFilter { status: status.into(), after: String::new(), ..filter.clone() }.path();
    let all = with_status("");
    let statuses = TenantStatus::ALL
        .iter()
        .map(|status| {
            let active = filter.status == status.as_str();
            let href = if active { all.clone() } else { with_status(status.as_str()) };
            let label = status_style(status.as_str()).map_or(status.as_str(), |style| style.label);
            let count = counts.iter().find(|count| count.status == *status).map(|count| count.count);
            view! {
                <FilterLink href active>
                    {label}
                    {count_view(count)}
                </FilterLink>
            }
            .into_any()
        })
        .collect_view();
    let is_unfiltered = filter.status.is_empty();
    let total = (!counts.is_empty()).then(|| counts.iter().map(|count| count.count).sum());
    view! {
        <FilterBar>
            <FilterLink href=all.clone() active=is_unfiltered removable=false>
                "All"
                {count_view(total)}
            </FilterLink>
            {statuses}
        </FilterBar>
    }
    .into_any()
}

/// The number of tenants after a label.
fn count_view(count: Option<u32>) -> Option<AnyView> {
    let text = match count? {
        count if count >= StatusCount::MAX => format!("{}+", number_text(StatusCount::MAX.into())),
        count => number_text(count.into()),
    };
    Some(view! { <span class="num muted">{text}</span> }.into_any())
}
