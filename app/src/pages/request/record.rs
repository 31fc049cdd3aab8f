use domain::history::{Attempt, AuditEntry};
use leptos::prelude::*;

use crate::{
    server_fns::RequestRecord,
    ui::{
        Address, Card, Column, CopyButton, Disclosure, DotState, Fact, Facts, Section, StatusBadge, Table,
        Time, Timeline, TimelineItem, duration_text,
    },
};

const ATTEMPT_COLUMNS: &[Column] = &[
    Column::text("#"),
    Column::text("Status"),
    Column::text("Cause"),
    Column::text("When"),
    Column::number("Duration"),
];

/// The employee, the time and the identifiers of the request.
#[component]
pub(super) fn RequestFacts(record: RequestRecord) -> impl IntoView {
    let summary = record.summary;
    let id = summary.id.to_string();
    let has_owner = !summary.owner_email.is_empty();
    let personal_data = match summary.redacted_at {
        Some(at) => view! {
            <Fact label="Personal data">
                "Removed "
                <Time ms=at.0 />
            </Fact>
        }
        .into_any(),
        None if !has_owner => view! { <Fact label="Owner's e-mail">"None"</Fact> }.into_any(),
        None => view! {
            <Fact label="Owner's e-mail">
                <Address text=summary.owner_email />
            </Fact>
        }
        .into_any(),
    };
    view! {
        <Card>
            <Section title="Request">
                <Facts>
                    <Fact label="By">{summary.requested_by}</Fact>
                    <Fact label="When">
                        <Time ms=summary.created_at.0 />
                    </Fact>
                    {personal_data}
                    <Fact label="Attempts">
                        <span class="num">{summary.attempts}</span>
                    </Fact>
                    <Fact label="Request ID">
                        <code>{id.clone()}</code>
                        <CopyButton text=id label="Copy request ID" icon_only=true />
                    </Fact>
                    <Fact label="Idempotency key">
                        <code>{record.idempotency_key.clone()}</code>
                        <CopyButton text=record.idempotency_key label="Copy idempotency key" icon_only=true />
                    </Fact>
                </Facts>
            </Section>
        </Card>
    }
}

/// The attempts of the request, newest first.
#[component]
pub(super) fn Attempts(attempts: Vec<Attempt>) -> impl IntoView {
    let row = |attempt: Attempt| {
        let duration = attempt.finished_at.map(|finished| (finished.0 - attempt.started_at.0) as f64);
        let cause = attempt.code.map(|code| {
            view! {
                <div>
                    <code class="code">{code.as_str()}</code>
                    <span class="sub">{attempt.message.or(attempt.constraint)}</span>
                </div>
            }
            .into_any()
        });
        view! {
            <tr>
                <td data-label="Attempt" class="num">
                    {attempt.number}
                </td>
                <td data-label="Status">
                    <StatusBadge status=attempt.status.as_str() />
                </td>
                <td data-label="Cause">{cause}</td>
                <td data-label="When">
                    <Time ms=attempt.started_at.0 />
                </td>
                <td data-label="Duration" class="end num">
                    {duration.map(duration_text)}
                </td>
            </tr>
        }
        .into_any()
    };
    view! {
        <Card>
            <Section title="Attempts">
                <Table label="Attempts" columns=ATTEMPT_COLUMNS small=true>
                    {attempts.into_iter().map(row).collect_view()}
                </Table>
            </Section>
        </Card>
    }
}

/// The request's payload as JSON.
#[component]
pub(super) fn PayloadDisclosure(payload: String) -> impl IntoView {
    view! {
        <Card>
            <div class="section">
                <Disclosure summary="Request payload (JSON, without secrets)">
                    <CopyButton text=payload.clone() label="Copy JSON" />
                    <pre class="code-block" tabindex="0">
                        {payload.clone()}
                    </pre>
                </Disclosure>
            </div>
        </Card>
    }
}

/// The request's entries in the audit log.
#[component]
pub(super) fn AuditEntries(audit: Vec<AuditEntry>) -> impl IntoView {
    let item = |entry: AuditEntry| {
        view! {
            <TimelineItem state=DotState::Done title=entry.action>
                {entry.actor}
                ", "
                <Time ms=entry.at.0 />
            </TimelineItem>
        }
    };
    let content = if audit.is_empty() {
        view! { <p class="muted">"No entries. Only changes are audited."</p> }.into_any()
    } else {
        view! { <Timeline>{audit.into_iter().map(item).collect_view()}</Timeline> }.into_any()
    };
    view! {
        <Card>
            <Section title="Audit log">{content}</Section>
        </Card>
    }
}
