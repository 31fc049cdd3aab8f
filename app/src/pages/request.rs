//! `/provisioning/{id}`: the record of one provisioning request, updated live.

mod dead_step;
mod dead_step_action;
mod live_request;
mod problem_note;
mod record;
mod replace_secrets;
mod request_phase;
mod rollback_dialog;
mod rollback_effects;
mod rollback_status;
mod sentence;
mod steps;
mod time_estimate;

use domain::{Problem, paths};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use self::{
    dead_step::{DEAD_STEP, dead_step_panel, needs_action},
    live_request::LiveRequest,
    problem_note::{PROBLEM_NOTE, problem_note},
    record::{Attempts, AuditEntries, PayloadDisclosure, RequestFacts},
    replace_secrets::{REPLACE_SECRETS, replace_secrets, replaceable},
    request_phase::RequestPhase,
    steps::Steps,
};
use super::{
    outcome::{LatestOutcome, ONE_TIME_DETAILS, OneTimeSecrets, one_time_details},
    page_resource::ResourceView,
    stages::{AttemptProgress, StageTimeline},
};
use crate::{
    browser,
    page_context::PageContext,
    server_fns::{ProvisionOutcome, RequestRecord, open_request},
    ui::{AppShell, Card, Crumb, PageHead, Section, StatusBadge, duration_text},
};

/// The parts of the page.
#[cfg(feature = "hydrate")]
pub(crate) const PARTS: &[&crate::part::Part] =
    &[&DEAD_STEP, &PROBLEM_NOTE, &ONE_TIME_DETAILS, &REPLACE_SECRETS];

/// The page of one request. After a submit it also shows the tenant's one-time details.
#[component]
pub(crate) fn RequestPage() -> impl IntoView {
    let context = expect_context::<PageContext>();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
    let latest = expect_context::<LatestOutcome>().0;
    let is_for_this_request =
        move |outcome: &ProvisionOutcome| outcome.tenant.request_id.to_string() == id.get_untracked();
    // Drop the secrets when the admin leaves the page.
    on_cleanup(move || {
        let _ = latest.try_update(|latest| latest.take_if(|outcome| is_for_this_request(outcome)));
    });
    let outcome = move || id.with(|_| latest.get().filter(is_for_this_request));
    let record = crate::codec::page_data(move || id.get(), open_request);
    let crumbs = vec![Crumb::link("History", paths::HISTORY), Crumb::current("Request")];
    view! {
        <Title text="Request" />
        <AppShell
            current=paths::HISTORY
            employee=context.employee_view()
            environment=context.environment
            breadcrumb=crumbs
        >
            <div data-testid="history-detail">
                <ResourceView
                    resource=record
                    label="Loading the request"
                    path=Signal::derive(move || paths::request(id.get()))
                    title="Request"
                    view=move |record| view! { <RequestDetail record outcome=outcome() /> }.into_any()
                />
            </div>
        </AppShell>
    }
}

#[component]
fn RequestDetail(record: RequestRecord, outcome: Option<ProvisionOutcome>) -> impl IntoView {
    let payload = record.summary.redacted_at.is_none().then(|| record.payload.clone());
    let live = LiveRequest::watch(record.clone());
    let audit = live.select(|record| record.audit.clone());
    let attempts = live.select(|record| record.attempt_log.clone());
    let problem = live.select(|record| record.problem.clone());
    let problem = move || {
        let show =
            |problem: Problem| PROBLEM_NOTE.view(move || Box::pin(problem_note(problem.clone(), live)));
        problem.get().map(show)
    };
    let is_rolled_back =
        Memo::new(move |_| matches!(live.phase.get(), RequestPhase::RollingBack | RequestPhase::RolledBack));
    let needs_action = live.select(needs_action);
    let dead_step =
        move || needs_action.get().then(|| DEAD_STEP.view(move || Box::pin(dead_step_panel(live))));
    let was_submitted_here = outcome.is_some();
    // The heading appears when the record is loaded, which is later than the page.
    browser::focus_new_page();
    let secrets = OneTimeSecrets::new(outcome);
    let path = paths::request(live.record.with_untracked(|record| record.summary.id));
    // After a rollback, the keys and the invitation do not work.
    let is_shown = Memo::new(move |_| !secrets.is_empty() && !is_rolled_back.get());
    let one_time_details = move || {
        let path = path.clone();
        is_shown
            .get()
            .then(|| ONE_TIME_DETAILS.view(move || Box::pin(one_time_details(secrets, path.clone()))))
    };
    let access = replaceable(live);
    let is_replaceable = Memo::new(move |_| access.with(Option::is_some));
    let replace_secrets = move || {
        is_replaceable.get().then(|| REPLACE_SECRETS.view(move || Box::pin(replace_secrets(live, secrets))))
    };
    view! {
        <RequestHead live was_submitted_here />
        <div class="columns">
            <div class="stack">
                {dead_step}
                {one_time_details}
                {problem}
                <Progress live />
                {move || view! { <Attempts attempts=attempts.get() /> }.into_any()}
                {payload.map(|payload| view! { <PayloadDisclosure payload /> }.into_any())}
            </div>
            <aside class="stack">
                <RequestFacts record />
                {replace_secrets}
                {move || view! { <AuditEntries audit=audit.get() /> }.into_any()}
            </aside>
        </div>
    }
}

/// The title with the phase of the request, and a line with the tenant's code and slug.
#[component]
fn RequestHead(
    live: LiveRequest,
    /// Whether the admin has just submitted this request.
    was_submitted_here: bool,
) -> impl IntoView {
    let is_awaited = was_submitted_here || live.phase.get_untracked().is_awaited();
    let name = live.select(|record| record.summary.display_name().to_owned());
    let title = Memo::new(move |_| name.with(|name| live.phase.get().title(name, is_awaited)));
    let dot = Signal::derive(move || live.phase.get().dot());
    let status = Signal::derive(move || live.phase.get().status().to_owned());
    let summary = live.select(|record| (record.summary.clone(), record.tenant_status.is_some()));
    let lead = move || {
        summary.with(|(summary, has_tenant)| {
            let duration = summary.elapsed_ms.map(|ms| format!(" · {}", duration_text(ms)));
            let code = summary.tenant_code.clone().map(|code| {
                let href = has_tenant.then(|| paths::tenant(&code));
                view! {
                    <TenantCode code href />
                    " · "
                }
                .into_any()
            });
            view! {
                {code}
                <code>{summary.slug.clone()}</code>
                {duration}
            }
            .into_any()
        })
    };
    view! {
        <PageHead title dot lead=move || lead badge=move || view! { <StatusBadge status /> } />
        // Screen readers announce each change of the title.
        <p class="visually-hidden" role="status">
            {move || title.get()}
        </p>
    }
}

/// The code of the tenant, with a link if the tenant exists.
#[component]
fn TenantCode(code: String, #[prop(optional_no_strip)] href: Option<String>) -> impl IntoView {
    let code = view! { <code class="nowrap">{code}</code> };
    match href {
        Some(href) => view! { <a href=href>{code}</a> }.into_any(),
        None => code.into_any(),
    }
}

/// The stages of the latest attempt, and the steps in external systems.
#[component]
fn Progress(live: LiveRequest) -> impl IntoView {
    let stages = live.stages();
    let has_steps = live.select(|record| !record.steps.is_empty());
    let tenant = move || {
        let (times, progress) = stages.get();
        let sentence = match (progress, times.last()) {
            (AttemptProgress::Completed, Some(last)) => {
                format!("Committed together in {}.", duration_text(last.offset_ms))
            }
            (AttemptProgress::Failed, _) => "The attempt failed. Nothing was left behind.".into(),
            _ => String::new(),
        };
        view! {
            <Section title="Tenant" sentence attr:data-testid="prov-progress">
                <StageTimeline times progress />
            </Section>
        }
        .into_any()
    };
    view! { <Card>{tenant} {move || has_steps.get().then(|| view! { <Steps live /> }.into_any())}</Card> }
}
