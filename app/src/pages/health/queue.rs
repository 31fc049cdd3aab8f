use domain::jobs::{QueueHealth, WorkerHealth};
use domain::pipeline::DeadLetter;
use leptos::prelude::*;

use crate::ui::{Card, EmptyState, Fact, Facts, IconName, Section, StatusBadge, TableRegion, Time};

/// How much there is to do.
#[component]
pub(super) fn Queue(queue: QueueHealth) -> impl IntoView {
    let oldest = match queue.oldest_due {
        Some(since) => view! { <Time ms=since.0 /> }.into_any(),
        None => "nothing is due".into_any(),
    };
    view! {
        <Card>
            <Section title="Queue" sentence="A job carries the steps of one tenant.">
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
                    <Fact label="Waiting to be tried again">
                        <span class="num" data-testid="health-retrying">
                            {queue.retrying}
                        </span>
                    </Fact>
                    <Fact label="Oldest that is due">{oldest}</Fact>
                </Facts>
            </Section>
        </Card>
    }
}

/// The jobs that wait for a decision, with the way to each.
#[component]
pub(super) fn DeadLetters(letters: Vec<DeadLetter>) -> impl IntoView {
    let row = |letter: DeadLetter| {
        let code = letter.code.map(|code| view! { <code class="code">{code.as_str()}</code> }.into_any());
        view! {
            <tr data-testid="health-dead">
                <th scope="row">
                    <span>
                        <a class="row-link" href=format!("/provisioning/{}", letter.request_id)>
                            {letter.name}
                        </a>
                        <code class="sub">{letter.tenant_code}</code>
                    </span>
                </th>
                <td data-label="Step">{letter.step.label()}</td>
                <td data-label="Cause">
                    <span class="cause">{code} " " {letter.message}</span>
                </td>
                <td data-label="Since">
                    <Time ms=letter.since.0 />
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
                sentence="A step that gives up, and waits for a decision, is listed here."
            />
        }
        .into_any()
    } else {
        view! {
            <TableRegion label="Dead letters">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Tenant"</th>
                            <th scope="col">"Step"</th>
                            <th scope="col">"Cause"</th>
                            <th scope="col">"Since"</th>
                        </tr>
                    </thead>
                    <tbody>{letters.into_iter().map(row).collect_view()}</tbody>
                </table>
            </TableRegion>
        }
        .into_any()
    };
    view! {
        <Card>
            <Section title="Dead letters">{content}</Section>
        </Card>
    }
}

/// Those that take the steps.
#[component]
pub(super) fn Workers(workers: Vec<WorkerHealth>, queue: QueueHealth) -> impl IntoView {
    let row = |worker: WorkerHealth| {
        view! {
            <tr data-testid="health-worker">
                <th scope="row">
                    <code>{worker.name}</code>
                </th>
                <td data-label="State">
                    <StatusBadge status=if worker.alive { "alive" } else { "lost" } />
                </td>
                <td data-label="Started">
                    <Time ms=worker.since.0 />
                </td>
                <td data-label="Last seen">
                    <Time ms=worker.seen.0 />
                </td>
            </tr>
        }
        .into_any()
    };
    let content = if workers.is_empty() {
        let sentence = match queue.pending + queue.retrying {
            0 => "None is needed while no outside system is configured.".to_owned(),
            1 => "One job waits for one.".to_owned(),
            jobs => format!("{jobs} jobs wait for one."),
        };
        view! { <EmptyState icon=IconName::Pause title="No worker in the last day" sentence /> }.into_any()
    } else {
        view! {
            <TableRegion label="Workers">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Worker"</th>
                            <th scope="col">"State"</th>
                            <th scope="col">"Started"</th>
                            <th scope="col">"Last seen"</th>
                        </tr>
                    </thead>
                    <tbody>{workers.into_iter().map(row).collect_view()}</tbody>
                </table>
            </TableRegion>
        }
        .into_any()
    };
    view! {
        <Card>
            <Section title="Workers" sentence="One that was not seen for 45 s has lost its step to another.">
                {content}
            </Section>
        </Card>
    }
}
