use domain::{
    audit::{AuditArea, AuditFilter},
    history::AdminName,
    paths,
};
use leptos::prelude::*;

use crate::{
    pages::filter_query::UrlFilter,
    ui::{FilterBar, FilterForm, FilterLink, FilterSelect},
};

/// The filters. The form and the links lead to the same URLs, so that both work without JavaScript.
#[component]
pub(super) fn Filters(
    filter: AuditFilter,
    employees: Vec<AdminName>,
    actions: Vec<(String, String)>,
) -> impl IntoView {
    let areas = area_links(&filter);
    let employees = employees.into_iter().map(|employee| (employee.id.to_string(), employee.name));
    let day = |name: &'static str, label: &'static str, value: String| {
        view! {
            <label class="day-filter" title="Days are in UTC">
                {label}
                <input class="input" type="date" name=name value=value />
            </label>
        }
        .into_any()
    };
    view! {
        {areas}
        <FilterForm
            path=paths::AUDIT
            label="Filter the audit log"
            search_label="Search the audit log"
            placeholder="Tenant, person, e-mail, code, request"
            q=filter.q
            name="audit"
        >
            <input type="hidden" name="area" value=filter.area.clone() disabled=filter.area.is_empty() />
            <FilterSelect
                name="actor"
                label="Person"
                any_label="Anyone"
                selected=filter.actor
                choices=employees.collect()
            />
            <FilterSelect
                name="action"
                label="Action"
                any_label="Any action"
                selected=filter.action
                choices=actions
            />
            {day("from", "From", filter.from)}
            {day("to", "To", filter.to)}
        </FilterForm>
    }
}

/// The links that select an area.
fn area_links(filter: &AuditFilter) -> AnyView {
    let link = |area: &AuditArea| {
        let active = filter.area == area.as_str();
        let area_filter = if active { String::new() } else { area.as_str().to_owned() };
        let href =
            AuditFilter { area: area_filter, action: String::new(), after: String::new(), ..filter.clone() }
                .path();
        let label = area.label();
        view! {
            <FilterLink href active>
                {label}
            </FilterLink>
        }
        .into_any()
    };
    let links = AuditArea::ALL.iter().map(link).collect_view();
    view! { <FilterBar>{links}</FilterBar> }.into_any()
}
