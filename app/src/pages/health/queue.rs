use domain::{
    jobs::{QueueHealth, WorkerHealth},
    paths,
    pipeline::{DeadLetter, step_label},
};
use leptos::prelude::*;

use crate::ui::{Card, Column, EmptyState, Fact, Facts, IconName, Section, StatusBadge, Table, Time};

const DEAD_LETTER_COLUMNS: &[Column] =
    &[Column::text("Tenant or job"), Column::text("Step"), Column::text("Cause"), Column::text("Since")];
const WORKER_COLUMNS: &[Column] =
    &[Column::text("Worker"), Column::text("State"), Column::text("Started"), Column::text("Last seen")];

/// The number of jobs in each state, and the age of the oldest due job.
#[component]
pub(super) fn Queue(queue: QueueHealth) -> impl IntoView {
    let oldest = match queue.oldest_due {
        Some(due_at) => view! { <Time ms=due_at.0 /> }.into_any(),
        None => "No job is due".into_any(),
    };
    view! {
        <Card>
            <Section title="Queue" sentence="A worker takes a job and runs its steps in order.">
                <Facts>
                    <Fact label="Waiting">
                        <span class="num" data-testid="health-pending">
                            {queue.pending}
                        </span>
                    </Fact>
                    <Fact label="Running">
                        <span class="num" data-testid="health-running">
                            {queue.running}
                        </span>
                    </Fact>
                    <Fact label="Waiting for a retry">
                        <span class="num" data-testid="health-retrying">
                            {queue.retrying}
                        </span>
                    </Fact>
                    <Fact label="Waiting for a connector">
                        <span class="num" data-testid="health-waiting-for-connector">
                            {queue.waiting_for_connector}
                        </span>
                    </Fact>
                    <Fact label="Oldest due job">{oldest}</Fact>
                </Facts>
            </Section>
        </Card>
    }
}

/// The jobs with a dead step. A job of a provisioning request links to the request, another job of a tenant
/// to the tenant. A job without a tenant shows its kind instead of a name.
#[component]
pub(super) fn DeadLetters(letters: Vec<DeadLetter>) -> impl IntoView {
    let row = |letter: DeadLetter| {
        let code = letter.code.map(|code| view! { <code class="code">{code.as_str()}</code> }.into_any());
        let tenant_path = letter.tenant.as_ref().map(|tenant| paths::tenant(&tenant.code));
        let (name, id) = match letter.tenant {
            Some(tenant) => (tenant.name, tenant.code),
            None => (letter.kind, letter.job_id.to_string()),
        };
        let name = match letter.request_id.map(paths::request).or(tenant_path) {
            Some(path) => view! {
                <a class="row-link" href=path>
                    {name}
                </a>
            }
            .into_any(),
            None => name.into_any(),
        };
        view! {
            <tr data-testid="health-dead">
                <th scope="row">
                    <span>
                        {name}
                        <code class="sub">{id}</code>
                    </span>
                </th>
                <td data-label="Step">{step_label(letter.step.as_str()).to_owned()}</td>
                <td data-label="Cause">
                    <span class="cause">{code} " " {letter.message}</span>
                </td>
                <td data-label="Since">
                    <Time ms=letter.dead_at.0 />
                </td>
            </tr>
        }
        .into_any()
    };
    let content = if letters.is_empty() {
        view! {
            <EmptyState
                icon=IconName::Check
                title="No dead letters"
                sentence="Steps that are no longer retried are listed here until an admin retries or skips them, or rolls back the request."
            />
        }
        .into_any()
    } else {
        view! {
            <Table label="Dead letters" columns=DEAD_LETTER_COLUMNS>
                {letters.into_iter().map(row).collect_view()}
            </Table>
        }
        .into_any()
    };
    view! {
        <Card>
            <Section title="Dead letters">{content}</Section>
        </Card>
    }
}

/// The workers with a heartbeat in the last 24 hours.
#[component]
pub(super) fn Workers(workers: Vec<WorkerHealth>, queue: QueueHealth) -> impl IntoView {
    let row = |worker: WorkerHealth| {
        view! {
            <tr data-testid="health-worker">
                <th scope="row">
                    <code>{worker.name}</code>
                </th>
                <td data-label="State">
                    <StatusBadge status=if worker.is_online { "online" } else { "offline" } />
                </td>
                <td data-label="Started">
                    <Time ms=worker.started_at.0 />
                </td>
                <td data-label="Last seen">
                    <Time ms=worker.last_seen_at.0 />
                </td>
            </tr>
        }
        .into_any()
    };
    let content = if workers.is_empty() {
        let sentence = match queue.pending + queue.retrying {
            0 => "No jobs are waiting for a worker.".to_owned(),
            1 => "1 job is waiting for a worker.".to_owned(),
            jobs => format!("{jobs} jobs are waiting for a worker."),
        };
        view! { <EmptyState icon=IconName::Pause title="No workers in the last day" sentence /> }.into_any()
    } else {
        view! {
            <Table label="Workers" columns=WORKER_COLUMNS>
                {workers.into_iter().map(row).collect_view()}
            </Table>
        }
        .into_any()
    };
    view! {
        <Card>
            <Section
                title="Workers"
                sentence="If a worker stops without a shutdown, another worker takes over its step, by default within 45 seconds."
            >
                {content}
            </Section>
        </Card>
    }
}
