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
    server_fns::past_runs,
    ui::{Card, Icon, IconName, PlanItem, PlanList, Section, duration_text},
};

/// A preview of the objects that the draft will create, updated while the admin types.
#[component]
pub(super) fn PlanPreview(state: FormState) -> impl IntoView {
    let estimate = crate::codec::blocking_resource(|| (), |()| past_runs());
    let packages = DEFAULT_PACKAGES.map(|package| package.name).join(", ");
    let draft = state.draft;
    let text_or = |text: String, default: &str| {
        if text.trim().is_empty() { default.to_owned() } else { text }
    };
    let name = move || text_or(draft.with(|d| d.name.clone()), "without a name yet");
    let email = move || text_or(draft.with(|d| d.owner_email.clone()), "an address");
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
                            "Owner " {move || draft.with(|d| d.owner_name.clone())} " invited at "
                            <code>{email}</code>
                            {format!(", for {INVITATION_DAYS} days")}
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

/// The steps of the selected blueprint, and why the other steps are skipped.
#[component]
fn PlannedSteps(state: FormState) -> impl IntoView {
    let context = StoredValue::new(expect_context::<PageContext>());
    let selected = Memo::new(move |_| {
        let name = state.draft.with(|draft| draft.blueprint.clone());
        context.with_value(|context| context.blueprint(&name).cloned()).unwrap_or_default()
    });
    move || {
        let BlueprintView { template, skip_reasons, .. } = selected.get();
        let count = skip_reasons.iter().filter(|reason| reason.is_empty()).count();
        let sentence = match count {
            0 => "No steps in external systems: active immediately".to_owned(),
            1 => "1 step, then active:".to_owned(),
            count => format!("{count} steps, then active:"),
        };
        let item = |(step, skip_reason): (Step, String)| {
            let is_skipped = !skip_reason.is_empty();
            let source = (step == Step::CopyDatabase && !is_skipped).then(|| {
                view! {
                    " from "
                    <code>{template.clone()}</code>
                }
            });
            let icon = if is_skipped { IconName::Skip } else { IconName::Check };
            view! {
                <li data-skipped=is_skipped.then_some("") data-testid="plan-step">
                    <Icon name=icon />
                    <span>
                        {step.label()} {source}
                        {is_skipped
                            .then(|| view! { <span class="muted">{format!(": skipped, {skip_reason}")}</span> })}
                    </span>
                </li>
            }
            .into_any()
        };
        view! {
            {sentence}
            <ul class="plan-steps">{Step::ALL.into_iter().zip(skip_reasons).map(item).collect_view()}</ul>
        }
        .into_any()
    }
}

fn last_code(estimate: Estimate) -> Option<AnyView> {
    estimate.last_code.map(|code| {
        view! {
            ", next code after "
            <code>{code}</code>
        }
        .into_any()
    })
}

fn median_duration(estimate: Estimate) -> Option<AnyView> {
    let median = estimate.median_ms?;
    let item = view! {
        <PlanItem icon=IconName::Clock>
            "Usually ready in " <b class="num">{duration_text(median)}</b>
            <span class="muted">{format!(" (median of {})", estimate.runs)}</span>
        </PlanItem>
    };
    Some(item.into_any())
}
