use domain::{
    defaults::{DEFAULT_PACKAGES, DEFAULT_SEGMENT},
    history::Estimate,
    provisioning::INVITATION_DAYS,
};
use leptos::prelude::*;

use super::state::FormState;
use crate::{
    page_context::{BlueprintView, PageContext, PlannedStep},
    server_fns::read_estimate,
    ui::{
        Address, Card, Disclosure, Icon, IconName, PlanItem, PlanList, Section, duration_text, past_runs_text,
    },
};

/// A preview of the objects that the draft will create, updated while the admin types.
#[component]
pub(super) fn PlanPreview(state: FormState) -> impl IntoView {
    let estimate = crate::codec::page_data(|| (), |()| read_estimate());
    let packages = DEFAULT_PACKAGES.map(|package| package.name).join(", ");
    let draft = state.draft;
    let name = move || {
        let name = draft.with(|draft| draft.name.trim().to_owned());
        if name.is_empty() { "without a name yet".to_owned() } else { name }
    };
    let owner = move || match draft.with(|draft| draft.owner_name.trim().to_owned()) {
        name if name.is_empty() => "An owner".to_owned(),
        name => format!("Owner {name}"),
    };
    let email = move || match draft.with(|draft| draft.owner_email.trim().to_owned()) {
        email if email.is_empty() => ().into_any(),
        email => view! {
            " "
            <Address text=email />
        }
        .into_any(),
    };
    view! {
        <aside aria-label="Plan" data-testid="prov-review">
            <Card>
                <Section title="What will be created" sentence="Nothing is created until you submit.">
                    <PlanList>
                        <PlanItem icon=IconName::Building>
                            "Tenant " <b>{name}</b>
                            <Transition>
                                {move || estimate.get().and_then(Result::ok).and_then(last_code)}
                            </Transition>
                        </PlanItem>
                        <PlanItem icon=IconName::Mail>
                            {owner} {email}
                            {format!(", with an invitation that is valid for {INVITATION_DAYS} days")}
                        </PlanItem>
                        <PlanItem icon=IconName::Package>
                            {format!("Segment {}, packages {packages}", DEFAULT_SEGMENT.name)}
                        </PlanItem>
                        <PlanItem icon=IconName::Key>"One API key pair, the secret shown once"</PlanItem>
                        <PlanItem icon=IconName::Steps>
                            <PlannedSteps state />
                        </PlanItem>
                        <Transition>
                            {move || estimate.get().and_then(Result::ok).and_then(median_duration)}
                        </Transition>
                    </PlanList>
                </Section>
            </Card>
        </aside>
    }
}

/// The steps of the selected blueprint, and why the other steps are skipped. If no step runs, one line, with
/// the reasons in a disclosure.
#[component]
fn PlannedSteps(state: FormState) -> impl IntoView {
    let context = StoredValue::new(expect_context::<PageContext>());
    let blueprint = Memo::new(move |_| state.draft.with(|draft| draft.blueprint.clone()));
    move || {
        let selected = context.with_value(|context| context.blueprint(&blueprint.get()).cloned());
        let BlueprintView { summary, has_steps, steps, .. } = selected.unwrap_or_default();
        let list = view! { <ul class="plan-steps">{steps.into_iter().map(planned_step).collect_view()}</ul> };
        match has_steps {
            true => view! {
                {summary}
                {list}
            }
            .into_any(),
            false => view! { <Disclosure summary>{list}</Disclosure> }.into_any(),
        }
    }
}

fn planned_step(PlannedStep { text, template, is_skipped }: PlannedStep) -> AnyView {
    let template = (!template.is_empty()).then(|| {
        view! {
            " from "
            <code>{template}</code>
        }
    });
    view! {
        <li data-skipped=is_skipped.then_some("") data-testid="plan-step">
            <Icon name=if is_skipped { IconName::Skip } else { IconName::Check } />
            <span>{text}{template}</span>
        </li>
    }
    .into_any()
}

fn last_code(estimate: Estimate) -> Option<AnyView> {
    estimate.last_code.map(|code| {
        view! {
            ", with the next code after "
            <code class="nowrap">{code}</code>
        }
        .into_any()
    })
}

fn median_duration(estimate: Estimate) -> Option<AnyView> {
    let median = estimate.median_ms?;
    let item = view! {
        <PlanItem icon=IconName::Clock>
            "Usually created in " <b class="num">{duration_text(median)}</b>
            <span class="muted">{format!(" ({})", past_runs_text(estimate.runs))}</span>
        </PlanItem>
    };
    Some(item.into_any())
}
