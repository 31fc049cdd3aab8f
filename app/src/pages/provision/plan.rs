use domain::{
    defaults::{DEFAULT_PACKAGES, DEFAULT_SEGMENT},
    history::Estimate,
    pipeline::Step,
    provisioning::INVITATION_DAYS,
};
use leptos::prelude::*;

use super::state::Provisioning;
use crate::{
    server_fns::past_runs,
    ui::{Card, Icon, IconName, PlanItem, PlanList, Section, duration_text},
    visitor::{BlueprintView, PageContext},
};

/// What will be made, as it stands while one types.
#[component]
pub(super) fn Review(state: Provisioning) -> impl IntoView {
    let past = Resource::new_blocking(|| (), |()| past_runs());
    let packages = DEFAULT_PACKAGES.map(|package| package.name).join(", ");
    let draft = state.draft;
    let or = |text: String, other: &str| if text.trim().is_empty() { other.to_owned() } else { text };
    view! {
        <aside aria-label="Plan" data-testid="prov-review">
            <Card>
                <Section title="What will be made" sentence="Nothing exists until you submit.">
                    <PlanList>
                        <PlanItem icon=IconName::Building>
                            "Tenant "
                            <b>{move || or(draft.with(|d| d.name.clone()), "without a name yet")}</b>
                            <Transition>
                                {move || past.get().and_then(Result::ok).and_then(next_code)}
                            </Transition>
                        </PlanItem>
                        <PlanItem icon=IconName::Mail>
                            "Owner " {move || draft.with(|d| d.owner_name.clone())} " invited at "
                            <code>{move || or(draft.with(|d| d.owner_email.clone()), "an address")}</code>
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
                            {move || past.get().and_then(Result::ok).and_then(usual_time)}
                        </Transition>
                    </PlanList>
                </Section>
            </Card>
        </aside>
    }
}

/// The steps that the chosen blueprint takes, and why the others are skipped.
#[component]
fn PlannedSteps(state: Provisioning) -> impl IntoView {
    let surroundings = StoredValue::new(expect_context::<PageContext>());
    let chosen = Memo::new(move |_| {
        let name = state.draft.with(|draft| draft.blueprint.clone());
        surroundings.with_value(|here| here.blueprint(&name).cloned()).unwrap_or_default()
    });
    move || {
        let BlueprintView { template, skips, .. } = chosen.get();
        let count = skips.iter().filter(|why| why.is_empty()).count();
        let sentence = match count {
            0 => "No steps in outside systems: active at once".to_owned(),
            1 => "1 step, then active:".to_owned(),
            count => format!("{count} steps, the last of which makes it active:"),
        };
        let item = |(step, why): (Step, String)| {
            let from = (step == Step::CopyDatabase && why.is_empty()).then(|| {
                view! {
                    " of "
                    <code>{template.clone()}</code>
                }
            });
            let skipped = !why.is_empty();
            let icon = if skipped { IconName::Skip } else { IconName::Check };
            view! {
                <li data-skipped=skipped.then_some("") data-testid="plan-step">
                    <Icon name=icon />
                    <span>
                        {step.label()} {from}
                        {skipped.then(|| view! { <span class="muted">{format!(": skipped, {why}")}</span> })}
                    </span>
                </li>
            }
            .into_any()
        };
        view! {
            {sentence}
            <ul class="plan-steps">{Step::ALL.into_iter().zip(skips).map(item).collect_view()}</ul>
        }
        .into_any()
    }
}

fn next_code(past: Estimate) -> Option<AnyView> {
    past.last_code.map(|code| {
        view! {
            ", next code after "
            <code>{code}</code>
        }
        .into_any()
    })
}

fn usual_time(past: Estimate) -> Option<AnyView> {
    let median = past.median_ms?;
    let item = view! {
        <PlanItem icon=IconName::Clock>
            "Usually ready in " <b class="num">{duration_text(median)}</b>
            <span class="muted">{format!(" (median of {})", past.runs)}</span>
        </PlanItem>
    };
    Some(item.into_any())
}
