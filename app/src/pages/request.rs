//! `/provisioning/{id}`: everything on record about one request, as it goes on.

mod decision;
mod live;
mod record;
mod remaining;
mod rollback;
mod rollback_status;
mod standing;
mod steps;

use domain::Problem;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use self::{
    decision::Decision,
    live::Live,
    record::{Attempts, FactsOfRequest, Payload, Trail},
    standing::RequestPhase,
    steps::Steps,
};
use super::{
    outcome::{FreshOutcome, FreshlyMade},
    stages::{Run, StageTimeline},
    wording::FailureState,
};
use crate::{
    server_fns::{Made, Record, open_request},
    ui::{
        AppShell, ButtonLink, Card, Crumb, Note, PageHead, Section, Skeleton, StatusBadge, Tone,
        duration_text,
    },
    visitor::PageContext,
};

/// One request. Right after its tenant was made it also tells what is told once.
#[component]
pub(crate) fn RequestPage() -> impl IntoView {
    let surroundings = expect_context::<PageContext>();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let fresh = expect_context::<FreshOutcome>().0;
    let is_this = move |made: &Made| made.tenant.request_id.to_string() == id.get_untracked();
    // Leaving the page forgets the secret.
    on_cleanup(move || {
        let _ = fresh.try_update(|fresh| fresh.take_if(|made| is_this(made)));
    });
    let made = move || id.with(|_| fresh.get().filter(is_this));
    let detail = Resource::new_blocking(move || id.get(), open_request);
    let crumbs = vec![Crumb::link("History", "/provisioning"), Crumb::here("Request")];
    view! {
        <Title text="Request" />
        <AppShell
            current="/provisioning"
            person=surroundings.person_view()
            environment=surroundings.environment
            breadcrumb=crumbs
        >
            <div data-testid="history-detail">
                <Transition fallback=|| {
                    view! { <Skeleton label="Loading the request" /> }
                }>
                    {move || {
                        detail
                            .get()
                            .map(|detail| match detail {
                                Ok(detail) => view! { <Detail detail made=made() /> }.into_any(),
                                Err(failure) => {
                                    view! {
                                        <PageHead title="Request" />
                                        <Card>
                                            <FailureState
                                                failure
                                                address=format!("/provisioning/{}", id.get())
                                            />
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
fn Detail(detail: Record, made: Option<Made>) -> impl IntoView {
    let payload = detail.payload.clone();
    let live = Live::follow(detail.clone());
    let audit = live.part(|record| record.audit.clone());
    let attempts = live.part(|record| record.attempt_log.clone());
    let problem = live.part(|record| record.problem.clone());
    let is_undone = Memo::new(move |_| {
        matches!(live.standing.get(), RequestPhase::RollingBack | RequestPhase::RolledBack)
    });
    let awaited = made.is_some();
    // Keys and invitation of a tenant that is gone are of no use.
    let told_once = move || {
        made.clone().filter(|_| !is_undone.get()).map(|made| view! { <FreshlyMade made /> }.into_any())
    };
    view! {
        <Head live awaited />
        <div class="columns">
            <div class="stack">
                <Decision live />
                {told_once}
                {move || problem.get().map(|problem| view! { <WhyNot problem /> }.into_any())}
                <Progress live />
                {move || view! { <Attempts attempts=attempts.get() /> }.into_any()}
                <Payload payload />
            </div>
            <aside class="stack">
                <FactsOfRequest detail />
                {move || view! { <Trail audit=audit.get() /> }.into_any()}
            </aside>
        </div>
    }
}

/// The title, which says where the request stands, and what it is about.
#[component]
fn Head(
    live: Live,
    /// Somebody has just asked for the tenant.
    awaited: bool,
) -> impl IntoView {
    let awaited = awaited || live.standing.get_untracked().is_awaited();
    let name = live.part(|record| match record.summary.name.as_str() {
        "" => "Without a name".to_owned(),
        name => name.to_owned(),
    });
    let title = Memo::new(move |_| name.with(|name| live.standing.get().title(name, awaited)));
    let dot = Signal::derive(move || live.standing.get().dot());
    let status = Signal::derive(move || live.standing.get().status().to_owned());
    let summary = live.part(|record| record.summary.clone());
    let lead = move || {
        summary.with(|summary| {
            let took = summary.elapsed_ms.map(|ms| format!(" · {}", duration_text(ms)));
            let code = summary.tenant_code.clone().map(|code| {
                view! {
                    <code>{code}</code>
                    " · "
                }
            });
            view! {
                {code}
                <code>{summary.slug.clone()}</code>
                {took}
            }
            .into_any()
        })
    };
    view! {
        <PageHead title dot lead=move || lead badge=move || view! { <StatusBadge status /> } />
        // Said when it changes, and only then.
        <p class="visually-hidden" role="status">
            {move || title.get()}
        </p>
    }
}

#[component]
fn WhyNot(problem: Problem) -> impl IntoView {
    let entry = problem.code.entry();
    let errors = problem
        .errors
        .iter()
        .map(|error| {
            view! {
                <li>
                    <code>{error.field.clone()}</code>
                    " "
                    {error.message.clone()}
                </li>
            }
            .into_any()
        })
        .collect_view();
    let sentence = if problem.errors.is_empty() { problem.detail() } else { String::new() };
    view! {
        <Note tone=Tone::Bad title=entry.title>
            <p>
                {sentence} " " {entry.next_step} " "
                <code data-testid="prov-error-code">{problem.code.as_str()}</code>
            </p>
            <ul>{errors}</ul>
            <p>"Nothing was left behind. The key can be used again."</p>
            <ButtonLink href="/provision" small=true>
                "Open the form"
            </ButtonLink>
        </Note>
    }
}

/// The stages of the last attempt, and the steps in outside systems.
#[component]
fn Progress(live: Live) -> impl IntoView {
    let stages = live.stages();
    let has_steps = live.part(|record| !record.steps.is_empty());
    let tenant = move || {
        let (marks, run) = stages.get();
        let sentence = match (run, marks.last()) {
            (Run::Completed, Some(last)) => {
                format!("Committed together in {}.", duration_text(last.offset_ms))
            }
            (Run::Failed, _) => "Undone where it failed; nothing was left behind.".into(),
            _ => String::new(),
        };
        view! {
            <Section title="Tenant" sentence attr:data-testid="prov-progress">
                <StageTimeline marks run />
            </Section>
        }
        .into_any()
    };
    view! { <Card>{tenant} {move || has_steps.get().then(|| view! { <Steps live /> }.into_any())}</Card> }
}
