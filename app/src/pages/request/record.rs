use domain::history::{Attempt, AuditLine};
use leptos::prelude::*;

use crate::{
    server_fns::Record,
    ui::{
        Card, CopyButton, Disclosure, DotState, Fact, Facts, Section, StatusBadge, TableRegion, Time,
        Timeline, TimelineItem, duration_text,
    },
};

/// Who asked for what, and under which key.
#[component]
pub(super) fn FactsOfRequest(detail: Record) -> impl IntoView {
    let summary = detail.summary;
    let id = summary.id.to_string();
    view! {
        <Card>
            <Section title="Request">
                <Facts>
                    <Fact label="By">{summary.requested_by}</Fact>
                    <Fact label="When">
                        <Time ms=summary.created_at.0 />
                    </Fact>
                    <Fact label="Owner's e-mail">
                        <span class="mono">{summary.owner_email}</span>
                    </Fact>
                    <Fact label="Attempts">
                        <span class="num">{summary.attempts}</span>
                    </Fact>
                    <Fact label="Request id">
                        <code>{id.clone()}</code>
                        <CopyButton text=id label="Copy request id" icon_only=true />
                    </Fact>
                    <Fact label="Idempotency key">
                        <code>{detail.idempotency_key.clone()}</code>
                        <CopyButton text=detail.idempotency_key label="Copy idempotency key" icon_only=true />
                    </Fact>
                </Facts>
            </Section>
        </Card>
    }
}

/// Each time the key was used, newest first.
#[component]
pub(super) fn Attempts(attempts: Vec<Attempt>) -> impl IntoView {
    let row = |attempt: Attempt| {
        let took = attempt.finished_at.map(|finished| (finished.0 - attempt.started_at.0) as f64);
        let cause = attempt.code.map(|code| {
            view! {
                <div>
                    <code class="code">{code.as_str()}</code>
                    <span class="sub">{attempt.message.or(attempt.constraint)}</span>
                </div>
            }
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
                <td data-label="Took" class="end num">
                    {took.map(duration_text)}
                </td>
            </tr>
        }
        .into_any()
    };
    view! {
        <Card>
            <Section title="Attempts">
                <TableRegion label="Attempts" small=true>
                    <table class="table">
                        <thead>
                            <tr>
                                <th scope="col">"#"</th>
                                <th scope="col">"Status"</th>
                                <th scope="col">"Cause"</th>
                                <th scope="col">"When"</th>
                                <th scope="col" class="end">
                                    "Took"
                                </th>
                            </tr>
                        </thead>
                        <tbody>{attempts.into_iter().map(row).collect_view()}</tbody>
                    </table>
                </TableRegion>
            </Section>
        </Card>
    }
}

/// What was asked for, without secrets.
#[component]
pub(super) fn Payload(payload: String) -> impl IntoView {
    view! {
        <Card>
            <div class="section">
                <Disclosure summary="What was asked for (JSON, without secrets)">
                    <CopyButton text=payload.clone() label="Copy JSON" />
                    <pre class="code-block" tabindex="0">
                        {payload.clone()}
                    </pre>
                </Disclosure>
            </div>
        </Card>
    }
}

/// The request's entries of the audit log.
#[component]
pub(super) fn Trail(audit: Vec<AuditLine>) -> impl IntoView {
    let item = |line: AuditLine| {
        view! {
            <TimelineItem state=DotState::Done title=line.action>
                {line.actor}
                ", "
                <Time ms=line.at.0 />
            </TimelineItem>
        }
    };
    let content = if audit.is_empty() {
        view! { <p class="muted">"No entries. Only what changed something is audited."</p> }.into_any()
    } else {
        view! { <Timeline>{audit.into_iter().map(item).collect_view()}</Timeline> }.into_any()
    };
    view! {
        <Card>
            <Section title="Audit log">{content}</Section>
        </Card>
    }
}
