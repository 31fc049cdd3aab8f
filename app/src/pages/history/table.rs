use domain::history::RequestSummary;
use leptos::prelude::*;

use crate::ui::{StatusBadge, TableRegion, Time, duration_text};

/// The rows of a page.
#[component]
pub(super) fn RequestTable(requests: Vec<RequestSummary>) -> impl IntoView {
    view! {
        <TableRegion label="Provisioning requests">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Tenant"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Code"</th>
                        <th scope="col">"By"</th>
                        <th scope="col">"When"</th>
                        <th scope="col" class="end">
                            "Took"
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {requests.into_iter().map(|request| view! { <RequestRow request /> }).collect_view()}
                </tbody>
            </table>
        </TableRegion>
    }
}

#[component]
fn RequestRow(request: RequestSummary) -> impl IntoView {
    let name = if request.name.is_empty() { "Without a name".to_owned() } else { request.name };
    let code = match (request.code, request.tenant_code) {
        (Some(code), _) => code.as_str().to_owned(),
        (None, code) => code.unwrap_or_default(),
    };
    view! {
        <tr data-testid="history-row">
            <td>
                <a class="row-link" href=format!("/provisioning/{}", request.id)>
                    {name}
                </a>
                <code class="sub">{request.slug}</code>
            </td>
            <td data-label="Status">
                <StatusBadge status=request.status.as_str() />
            </td>
            <td data-label="Code">
                <code class="code">{code}</code>
            </td>
            <td data-label="By">{request.requested_by}</td>
            <td data-label="When">
                <Time ms=request.created_at.0 />
            </td>
            <td data-label="Took" class="end num">
                {request.elapsed_ms.map_or_else(|| "–".into(), duration_text)}
            </td>
        </tr>
    }
}
