//! `/health`: how the external pipeline is doing, for everybody who is signed in.

mod connectors;
mod queue;

use std::time::Duration;

use domain::jobs::BreakerState;
use domain::pipeline::PipelineHealth;
use leptos::prelude::*;
use leptos_meta::Title;

use self::{
    connectors::Connectors,
    queue::{DeadLetters, Queue, Workers},
};
use super::wording::FailureState;
use crate::{
    browser,
    server_fns::{read_health, refresh_health},
    ui::{AppShell, Card, Crumb, Note, PageHead, Skeleton, Tone},
    visitor::PageContext,
};

const ADDRESS: &str = "/health";

/// How often it is read again while nobody is using it.
const REFRESH: Duration = Duration::from_secs(5);

/// The health of the pipeline.
#[component]
pub(crate) fn HealthPage() -> impl IntoView {
    let surroundings = expect_context::<PageContext>();
    let may_check = surroundings.may_provision;
    let unattended = StoredValue::new(false);
    let health = Resource::new_blocking(
        || (),
        move |()| {
            let unattended = unattended.try_update_value(std::mem::take).unwrap_or_default();
            async move { if unattended { refresh_health().await } else { read_health().await } }
        },
    );
    browser::every(REFRESH, move || {
        if browser::is_idle() {
            unattended.set_value(true);
            health.refetch();
        }
    });
    view! {
        <Title text="Health" />
        <AppShell
            current=ADDRESS
            person=surroundings.person_view()
            environment=surroundings.environment
            breadcrumb=vec![Crumb::here("Health")]
        >
            <div data-testid="health-page">
                <PageHead title="Health" lead=|| "The outside systems, and the work that waits for them." />
                <Transition fallback=|| {
                    view! { <Skeleton label="Loading the health of the pipeline" /> }
                }>
                    {move || {
                        health
                            .get()
                            .map(|read| match read {
                                Ok(read) => view! { <Health health=read may_check /> }.into_any(),
                                Err(failure) => {
                                    view! {
                                        <Card>
                                            <FailureState failure address=ADDRESS />
                                        </Card>
                                    }
                                        .into_any()
                                }
                            })
                    }}
                </Transition>
            </div>
        </AppShell>
    }
}

#[component]
fn Health(health: PipelineHealth, may_check: bool) -> impl IntoView {
    let now = RwSignal::new(health);
    let (tone, sentence) = verdict(&now.get_untracked());
    view! {
        <div class="stack health">
            <div data-testid="health-verdict" data-tone=tone.attr()>
                <Note tone title=sentence.0>
                    <p>{sentence.1}</p>
                </Note>
            </div>
            <Connectors health=now may_check />
            {move || {
                now.with(|health| {
                    view! {
                        <Queue queue=health.queue />
                        <DeadLetters letters=health.dead_letters.clone() />
                        <Workers workers=health.workers.clone() queue=health.queue />
                    }
                        .into_any()
                })
            }}
        </div>
    }
}

/// What to think of it, in a word and a sentence.
fn verdict(health: &PipelineHealth) -> (Tone, (&'static str, String)) {
    let dead = health.queue.dead;
    let open = health.connectors.iter().find(|connector| connector.breaker != BreakerState::Closed);
    let configured = health.connectors.iter().any(|connector| connector.configured);
    let waits = health.queue.pending + health.queue.retrying + health.queue.running;
    let nobody = !health.workers.iter().any(|worker| worker.alive);
    if dead > 0 {
        let letters =
            if dead == 1 { "One dead letter waits".into() } else { format!("{dead} dead letters wait") };
        (
            Tone::Bad,
            ("Somebody must decide", format!("{letters} for a decision: try again, skip, or roll back.")),
        )
    } else if let Some(connector) = open {
        let label = connector.connector.label();
        (
            Tone::Warn,
            (
                "A connector is left alone",
                format!("{label} failed too often in a row. Its steps wait, without using up tries."),
            ),
        )
    } else if nobody && (configured || waits > 0) {
        (
            Tone::Bad,
            (
                "No worker is there",
                "Nothing takes the steps. Start one with tenantry worker, or the server with workers.".into(),
            ),
        )
    } else if !configured {
        (
            Tone::Info,
            ("No outside system is configured", "Tenants are active as soon as they are made.".into()),
        )
    } else {
        (Tone::Ok, ("All is well", "Every connector works, and nothing waits for a decision.".into()))
    }
}
