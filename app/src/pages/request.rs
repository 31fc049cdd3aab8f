//! `/provisioning/{id}`: everything on record about one request.

mod record;

use domain::{Problem, RequestStatus, pipeline::Step};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use self::record::{Attempts, FactsOfRequest, Payload, Trail};
use super::{
    outcome::{FreshOutcome, FreshlyMade},
    stages::{Run, StageTimeline},
    wording::FailureState,
};
use crate::{
    server_fns::{Made, Record, open_request},
    ui::{
        AppShell, ButtonLink, Card, Crumb, DotState, Note, PageHead, Section, Skeleton, StatusBadge,
        Timeline, TimelineItem, Tone, duration_text, status_look,
    },
    visitor::Surroundings,
};

/// One request. Right after its tenant was made it also tells what is told once.
#[component]
pub(crate) fn RequestPage() -> impl IntoView {
    let surroundings = expect_context::<Surroundings>();
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
    let summary = detail.summary.clone();
    let name = if summary.name.is_empty() { "Without a name".to_owned() } else { summary.name.clone() };
    let (title, dot) = match summary.status {
        RequestStatus::Completed if made.is_some() => (format!("{name} is ready"), DotState::Done),
        RequestStatus::Failed => (format!("{name} was not made"), DotState::Failed),
        status => (name, status_look(status.as_str()).map_or(DotState::Waiting, |look| look.dot)),
    };
    let (code, slug) = (summary.tenant_code.clone(), summary.slug.clone());
    let lead = move || {
        let took = summary.elapsed_ms.map(|ms| format!(" · {}", duration_text(ms)));
        view! {
            {code
                .clone()
                .map(|code| {
                    view! {
                        <code>{code}</code>
                        " · "
                    }
                })}
            <code>{slug.clone()}</code>
            {took}
        }
    };
    let status = detail.summary.status.as_str().to_owned();
    view! {
        <PageHead title dot lead badge=move || view! { <StatusBadge status=status.clone() /> } />
        <div class="columns">
            <div class="stack">
                {made.map(|made| view! { <FreshlyMade made /> })}
                {detail.problem.clone().map(|problem| view! { <WhyNot problem /> })}
                <Stages detail=detail.clone() /> <Attempts attempts=detail.attempt_log.clone() />
                <Payload payload=detail.payload.clone() />
            </div>
            <aside class="stack">
                <FactsOfRequest detail=detail.clone() />
                <Trail audit=detail.audit />
            </aside>
        </div>
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
fn Stages(detail: Record) -> impl IntoView {
    let attempt = detail.attempt_log.into_iter().next();
    let run = match detail.summary.status {
        RequestStatus::Processing => Run::Running,
        RequestStatus::Failed => Run::Failed,
        RequestStatus::Completed | RequestStatus::RolledBack => Run::Completed,
    };
    let marks = attempt.map(|attempt| attempt.stages).unwrap_or_default();
    let sentence = match (run, marks.last()) {
        (Run::Completed, Some(last)) => format!("Committed together in {}.", duration_text(last.offset_ms)),
        (Run::Failed, _) => "Undone where it failed; nothing was left behind.".into(),
        _ => String::new(),
    };
    let step = |step: domain::history::StepDetail| {
        let look = status_look(step.state.as_str());
        let state = look.map_or(DotState::Waiting, |look| look.dot);
        let word = look.map_or(step.state.as_str(), |look| look.word).to_owned();
        let title = Step::from_text(&step.name).map_or(step.name, |step| step.label().to_owned());
        view! { <TimelineItem state title time=word /> }
    };
    let steps = (!detail.steps.is_empty()).then(|| {
        view! {
            <Section title="Outside systems" sentence="A step without a configured connector is skipped.">
                <Timeline>{detail.steps.into_iter().map(step).collect_view()}</Timeline>
            </Section>
        }
    });
    view! {
        <Card>
            <div data-testid="prov-progress">
                <Section title="Tenant" sentence=sentence>
                    <StageTimeline marks run />
                </Section>
            </div>
            {steps}
        </Card>
    }
}
