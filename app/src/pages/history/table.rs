use domain::{RequestStatus, history::RequestSummary, paths};
use leptos::prelude::*;

use crate::ui::{Column, StatusBadge, Table, Time, duration_text};

pub(in crate::pages) const REQUEST_COLUMNS: &[Column] = &[
    Column::text("Tenant"),
    Column::text("Status"),
    Column::text("Code"),
    Column::text("By"),
    Column::text("When"),
    Column::number("Duration"),
];

/// The requests of one page of the history.
#[component]
pub(super) fn RequestTable(requests: Vec<RequestSummary>) -> impl IntoView {
    let row = |request| view! { <RequestRow request /> };
    view! {
        <Table label="Provisioning requests" columns=REQUEST_COLUMNS>
            {requests.into_iter().map(row).collect_view()}
        </Table>
    }
}

#[component]
fn RequestRow(request: RequestSummary) -> impl IntoView {
    let name = request.display_name().to_owned();
    let code = match (request.code, request.tenant_code) {
        (Some(code), _) => view! { <code class="code">{code.as_str()}</code> }.into_any(),
        (None, Some(code)) if request.status == RequestStatus::Completed => view! {
            <a href=paths::tenant(&code)>
                <code class="code">{code.clone()}</code>
            </a>
        }
        .into_any(),
        (None, code) => view! { <code class="code">{code.unwrap_or_default()}</code> }.into_any(),
    };
    view! {
        <tr data-testid="history-row">
            <td>
                <a class="row-link" href=paths::request(request.id)>
                    {name}
                </a>
                <code class="sub">{request.slug}</code>
            </td>
            <td data-label="Status">
                <StatusBadge status=request.status.as_str() />
            </td>
            <td data-label="Code">{code}</td>
            <td data-label="By">{request.requested_by}</td>
            <td data-label="When">
                <Time ms=request.created_at.0 />
            </td>
            <td data-label="Duration" class="end num">
                {request.elapsed_ms.map_or_else(|| "–".into(), duration_text)}
            </td>
        </tr>
    }
}
