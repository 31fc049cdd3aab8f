use domain::{StepState, TenantStatus, paths, registry::TenantSummary};
use leptos::prelude::*;

use crate::{
    page_context::PageContext,
    ui::{Column, StatusBadge, Table, Time, Tone, status_style},
};

const COLUMNS: &[Column] = &[
    Column::text("Tenant"),
    Column::text("Status"),
    Column::text("Plan"),
    Column::text("Owner"),
    Column::number("Created"),
];

/// The tenants of one page of the registry.
#[component]
pub(super) fn TenantTable(tenants: Vec<TenantSummary>) -> impl IntoView {
    let row = |tenant| view! { <TenantRow tenant /> }.into_any();
    view! {
        <Table label="Tenants" columns=COLUMNS attr:data-columns="tenants">
            {tenants.into_iter().map(row).collect_view()}
        </Table>
    }
}

#[component]
fn TenantRow(tenant: TenantSummary) -> impl IntoView {
    let remark = remark(&tenant).map(|(text, tone)| {
        view! {
            <span class="sub" data-tone=tone.attr()>
                {text}
            </span>
        }
        .into_any()
    });
    let owner = match tenant.owner {
        Some(owner) => view! {
            <bdi>{owner.name}</bdi>
            <span class="sub">{owner.email}</span>
        }
        .into_any(),
        None => view! { <span class="muted">"No owner yet"</span> }.into_any(),
    };
    let plan = expect_context::<PageContext>().plan_label(&tenant.plan);
    view! {
        <tr data-testid="tenant-row" data-muted=(tenant.status == TenantStatus::Deleted).then_some("")>
            <td class="cause">
                <a class="row-link" href=paths::tenant(&tenant.code)>
                    <bdi>{tenant.name}</bdi>
                </a>
                <code class="sub">{tenant.slug}</code>
            </td>
            <td data-label="Status">
                <div>
                    <StatusBadge status=tenant.status.as_str() />
                    {remark}
                </div>
            </td>
            <td data-label="Plan">{plan}</td>
            <td data-label="Owner">
                <div class="cause">{owner}</div>
            </td>
            <td data-label="Created" class="end">
                <Time ms=tenant.created_at.0 />
            </td>
        </tr>
    }
}

/// Why the tenant does not work yet, if a person has to do something.
fn remark(tenant: &TenantSummary) -> Option<(&'static str, Tone)> {
    match (tenant.status, tenant.pipeline_state) {
        (TenantStatus::Provisioning, Some(state @ StepState::Dead)) => {
            Some((status_style(state.as_str())?.label, Tone::Bad))
        }
        (TenantStatus::PendingActivation, _) if tenant.owner.is_some() => {
            Some(("Needs approval", Tone::Neutral))
        }
        _ => None,
    }
}
