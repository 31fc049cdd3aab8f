//! `/health`: the state of the external pipeline, for every signed-in employee.

mod connectors;
mod mail;
mod queue;

use domain::{jobs::BreakerState, paths, pipeline::PipelineHealth};
use leptos::prelude::*;
use leptos_meta::Title;

use self::{
    connectors::Connectors,
    mail::Mail,
    queue::{DeadLetters, Queue, Workers},
};
use super::page_resource::{ResourceView, polled_resource};
use crate::{
    page_context::PageContext,
    server_fns::{read_health, refresh_health},
    ui::{AppShell, Crumb, Note, PageHead, Tone},
};

const PATH: &str = paths::HEALTH;

/// The page at `/health`.
#[component]
pub(crate) fn HealthPage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let may_check = context.may_provision;
    let health = polled_resource(|| (), |()| read_health(), |()| refresh_health());
    view! {
        <Title text="Health" />
        <AppShell
            current=PATH
            employee=context.employee_view()
            environment=context.environment
            breadcrumb=vec![Crumb::current("Health")]
        >
            <div data-testid="health-page">
                <PageHead title="Health" lead=|| "External systems, the job queue, mail and the workers." />
                <ResourceView
                    resource=health
                    label="Loading the health of the pipeline"
                    path=PATH
                    view=move |health| view! { <Health health may_check /> }.into_any()
                />
            </div>
        </AppShell>
    }
}

#[component]
fn Health(health: PipelineHealth, may_check: bool) -> impl IntoView {
    // A signal, because "Check now" returns a newer state.
    let health = RwSignal::new(health);
    let verdict = move || {
        let Summary { tone, title, sentence } = health.with(summarize);
        view! {
            <div data-testid="health-verdict" data-tone=tone.attr()>
                <Note tone title>
                    <p>{sentence}</p>
                </Note>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="stack health">
            {verdict}
            <Connectors health may_check />
            {move || {
                health
                    .with(|health| {
                        view! {
                            <Queue queue=health.queue />
                            <DeadLetters letters=health.dead_letters.clone() />
                            <Mail mail=health.mail.clone() />
                            <Workers workers=health.workers.clone() queue=health.queue />
                        }
                            .into_any()
                    })
            }}
        </div>
    }
}

/// The summary at the top of the page.
struct Summary {
    tone: Tone,
    title: &'static str,
    sentence: String,
}

/// Summarises the pipeline by its most urgent state.
fn summarize(health: &PipelineHealth) -> Summary {
    let dead = health.queue.dead;
    let open = health.connectors.iter().find(|connector| connector.breaker != BreakerState::Closed);
    let configured = health.connectors.iter().any(|connector| connector.configured);
    let unfinished = health.queue.pending + health.queue.retrying + health.queue.running;
    let any_worker = health.workers.iter().any(|worker| worker.is_online);
    let (tone, title, sentence) = if dead > 0 {
        let subject = match dead {
            1 => "1 dead letter needs".to_owned(),
            dead => format!("{dead} dead letters need"),
        };
        let sentence = format!("{subject} an action: retry, skip, or roll back.");
        (Tone::Bad, "Action required", sentence)
    } else if let Some(connector) = open {
        let label = connector.connector.label();
        let sentence = format!("{label} failed repeatedly. Its steps wait, and no attempts are used up.");
        (Tone::Warn, "A circuit is open", sentence)
    } else if health.mail.breaker != BreakerState::Closed {
        let sentence = "The mail server failed repeatedly. Messages wait until it is back.".to_owned();
        (Tone::Warn, "Mail is waiting", sentence)
    } else if health.mail.failed + health.mail.unconfirmed > 0 {
        let sentence = "See which messages failed or are unconfirmed, and send them again.".to_owned();
        (Tone::Warn, "Some mail was not delivered", sentence)
    } else if !any_worker && (configured || unfinished > 0) {
        let sentence =
            "Steps can't run. Start a worker with “tenantry worker”, or start the server with workers.";
        (Tone::Bad, "No workers are running", sentence.to_owned())
    } else if !configured {
        let sentence = "Tenants become active as soon as they are created.".to_owned();
        (Tone::Info, "No external system is configured", sentence)
    } else {
        let sentence = "Every connector works, and no action is required.".to_owned();
        (Tone::Ok, "All systems operational", sentence)
    };
    Summary { tone, title, sentence }
}
