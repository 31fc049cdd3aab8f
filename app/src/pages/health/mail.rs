use domain::{
    jobs::BreakerState,
    mail::{MailProblem, OutboxHealth},
    paths,
};
use leptos::prelude::*;

use crate::ui::{Card, Column, Fact, Facts, Section, StatusBadge, Table, Time};

const COLUMNS: &[Column] =
    &[Column::text("Message"), Column::text("State"), Column::text("Reason"), Column::text("Since")];

/// The outbox: how mail is delivered, what waits, and what was not delivered.
#[component]
pub(super) fn Mail(mail: OutboxHealth) -> impl IntoView {
    let sentence = match mail.is_folder {
        true => "No mail server is configured, so each message is written to a file.",
        false => "Messages wait in the outbox until the mail server accepts them.",
    };
    let status = match mail.breaker {
        BreakerState::Closed => None,
        breaker => Some(view! { <StatusBadge status=breaker.as_str() /> }.into_any()),
    };
    let time = |at: Option<domain::Timestamp>, none: &'static str| match at {
        Some(at) => view! { <Time ms=at.0 /> }.into_any(),
        None => none.into_any(),
    };
    let problems = (!mail.problems.is_empty()).then(|| {
        view! {
            <Table label="Messages that were not delivered" columns=COLUMNS>
                {mail.problems.into_iter().map(|problem| view! { <Problem problem /> }.into_any()).collect_view()}
            </Table>
        }
        .into_any()
    });
    view! {
        <Card>
            <Section title="Mail" sentence>
                <Facts>
                    <Fact label=if mail.is_folder { "Folder" } else { "Mail server" }>
                        <code data-testid="health-mail-destination">{mail.destination}</code>
                        " "
                        {status}
                    </Fact>
                    <Fact label="Waiting">
                        <span class="num" data-testid="health-mail-pending">
                            {mail.pending}
                        </span>
                    </Fact>
                    <Fact label="Oldest waiting message">{time(mail.oldest_pending, "No message waits")}</Fact>
                    <Fact label="Held until the tenant is active">
                        <span class="num">{mail.held}</span>
                    </Fact>
                    <Fact label="Failed in the last 7 days">
                        <span class="num" data-testid="health-mail-failed">
                            {mail.failed}
                        </span>
                    </Fact>
                    <Fact label="Unconfirmed in the last 7 days">
                        <span class="num" data-testid="health-mail-unconfirmed">
                            {mail.unconfirmed}
                        </span>
                    </Fact>
                    <Fact label="Last sent">{time(mail.last_sent, "No message was sent yet")}</Fact>
                </Facts>
                {problems}
            </Section>
        </Card>
    }
}

/// A message that failed or is unconfirmed, with a link to its tenant.
#[component]
fn Problem(problem: MailProblem) -> impl IntoView {
    let MailProblem { message, tenant } = problem;
    let kind = message.kind.label();
    let name = match tenant {
        Some(tenant) => view! {
            <a class="row-link" href=paths::tenant(&tenant.code)>
                {format!("{kind} · {}", tenant.name)}
            </a>
        }
        .into_any(),
        None => kind.into_any(),
    };
    view! {
        <tr data-testid="health-mail-problem">
            <th scope="row">
                <span>
                    {name}
                    <code class="sub">{message.to}</code>
                </span>
            </th>
            <td data-label="State">
                <StatusBadge status=message.status.as_str() />
            </td>
            <td data-label="Reason">
                <span class="cause">{message.error}</span>
            </td>
            <td data-label="Since">
                <Time ms=message.created_at.0 />
            </td>
        </tr>
    }
}
