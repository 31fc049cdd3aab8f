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
    ui::{Card, IconName, PlanItem, PlanList, Section, duration_text},
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
                            {format!(
                                "{} steps in outside systems, each skipped while none is configured",
                                Step::ALL.len(),
                            )}
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
