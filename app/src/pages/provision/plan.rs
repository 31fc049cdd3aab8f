use domain::{
    defaults::{DEFAULT_PACKAGES, DEFAULT_SEGMENT},
    history::Estimate,
    pipeline::Step,
    provisioning::INVITATION_DAYS,
};
use leptos::prelude::*;

use super::state::FormState;
use crate::{
    page_context::{BlueprintView, PageContext},
    server_fns::read_estimate,
    ui::{Card, Icon, IconName, PlanItem, PlanList, Section, duration_text, past_runs_text},
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
            <code>{email}</code>
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

/// The steps of the selected blueprint, and why the other steps are skipped. If no step runs, only a
/// sentence.
#[component]
fn PlannedSteps(state: FormState) -> impl IntoView {
    let context = StoredValue::new(expect_context::<PageContext>());
    let blueprint = Memo::new(move |_| state.draft.with(|draft| draft.blueprint.clone()));
    move || {
        let selected = context.with_value(|context| context.blueprint(&blueprint.get()).cloned());
        let BlueprintView { template, skip_reasons, .. } = selected.unwrap_or_default();
        let count = skip_reasons.iter().filter(|reason| reason.is_empty()).count();
        let sentence = match count {
            0 => "No steps in external systems: the tenant is active immediately".to_owned(),
            1 => "1 step, then the tenant is active:".to_owned(),
            count => format!("{count} steps, then the tenant is active:"),
        };
        let item = |planned: PlannedStep| {
            let (icon, is_skipped) = match planned {
                PlannedStep::Run(_) => (IconName::Check, false),
                PlannedStep::Skip { .. } => (IconName::Skip, true),
            };
            let text = match planned {
                PlannedStep::Run(Step::CopyDatabase) => view! {
                    {Step::CopyDatabase.label()}
                    " from "
                    <code>{template.clone()}</code>
                }
                .into_any(),
                PlannedStep::Run(step) => step.label().into_any(),
                PlannedStep::Skip { steps, reason } => format!("{steps}: skipped. {reason}").into_any(),
            };
            view! {
                <li data-skipped=is_skipped.then_some("") data-testid="plan-step">
                    <Icon name=icon />
                    <span>{text}</span>
                </li>
            }
            .into_any()
        };
        let list = (count > 0).then(|| {
            let items = planned_steps(skip_reasons).into_iter().map(item).collect_view();
            view! { <ul class="plan-steps">{items}</ul> }.into_any()
        });
        view! {
            {sentence}
            {list}
        }
        .into_any()
    }
}

/// An item in the list of planned steps.
#[derive(Debug, PartialEq, Eq)]
enum PlannedStep {
    Run(Step),
    /// The labels of successive steps that are skipped for the same reason.
    Skip {
        steps: String,
        reason: String,
    },
}

/// The items for all steps. `skip_reasons` has one text for each of [`Step::ALL`]: why the step is skipped,
/// or an empty text if the step runs.
fn planned_steps(skip_reasons: Vec<String>) -> Vec<PlannedStep> {
    let mut items = Vec::new();
    for (step, reason) in Step::ALL.into_iter().zip(skip_reasons) {
        match items.last_mut() {
            _ if reason.is_empty() => items.push(PlannedStep::Run(step)),
            Some(PlannedStep::Skip { steps, reason: last }) if *last == reason => {
                steps.push_str(", ");
                steps.push_str(step.label());
            }
            _ => items.push(PlannedStep::Skip { steps: step.label().to_owned(), reason }),
        }
    }
    items
}

fn last_code(estimate: Estimate) -> Option<AnyView> {
    estimate.last_code.map(|code| {
        view! {
            ", with the next code after "
            <code>{code}</code>
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_are_skipped_for_the_same_reason_are_one_item() {
        let reasons = ["", "no Odoo", "no Odoo", "", "no bridge", "", ""].map(str::to_owned).to_vec();
        let skipped =
            |steps: &str, reason: &str| PlannedStep::Skip { steps: steps.into(), reason: reason.into() };
        assert_eq!(
            planned_steps(reasons),
            [
                PlannedStep::Run(Step::CopyDatabase),
                skipped("Sign in to Odoo 18, Set the admin user in Odoo 18", "no Odoo"),
                PlannedStep::Run(Step::UpsertTenant),
                skipped("Create or update the tenant's user in Odoo 19", "no bridge"),
                PlannedStep::Run(Step::UpsertBridgeMetadata),
                PlannedStep::Run(Step::Finalize),
            ]
        );
    }
}
