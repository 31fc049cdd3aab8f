use domain::stage::StageMark;
use leptos::prelude::*;

use super::state::Provisioning;
use crate::{
    pages::stages::{Run, StageTimeline},
    ui::{Card, Note, PageHead, Section, StatusBadge, Tone},
};

/// A run whose answer is not there yet.
#[component]
pub(super) fn Running(state: Provisioning, marks: Vec<StageMark>) -> impl IntoView {
    let (name, slug) = state.draft.with_untracked(|draft| (draft.name.clone(), draft.slug.clone()));
    view! {
        <PageHead
            title=format!("Provisioning {name}")
            badge=|| view! { <StatusBadge status="processing" /> }
            lead=move || view! { <code>{slug.clone()}</code> }
        />
        <div class="columns" data-testid="prov-progress">
            <Card>
                <Section
                    title="Tenant"
                    sentence="All of it is committed together; the times arrive with the answer."
                >
                    <StageTimeline marks run=Run::Running />
                </Section>
            </Card>
            <aside>
                <Card>
                    <Section
                        title="You can leave this page"
                        sentence="The work goes on without it, and the history has it. Keep the tab open: the secret key and the owner's link are told only in it."
                    >
                        <Note tone=Tone::Info>
                            <p>"Submitting again is safe: this draft makes one tenant."</p>
                        </Note>
                    </Section>
                </Card>
            </aside>
        </div>
    }
}
