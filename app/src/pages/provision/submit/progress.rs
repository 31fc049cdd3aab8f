use domain::stage::StageTime;
use leptos::prelude::*;

use super::super::state::FormState;
use crate::{
    pages::stages::{AttemptProgress, StageTimeline},
    ui::{Card, Note, PageHead, Section, StatusBadge, Tone},
};

/// The page between submit and response.
#[component]
pub(super) fn SubmitProgress(state: FormState, times: Vec<StageTime>) -> impl IntoView {
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
                    sentence="All stages are committed together. Their times appear when the server responds."
                >
                    <StageTimeline times progress=AttemptProgress::Running />
                </Section>
            </Card>
            <aside>
                <Card>
                    <Section
                        title="You can leave this page, but keep the tab open"
                        sentence="Provisioning continues, and the history shows its outcome. Only this tab can show the secret key and the invitation link."
                    >
                        <Note tone=Tone::Info>
                            <p>"Safe to submit twice: one draft creates one tenant."</p>
                        </Note>
                    </Section>
                </Card>
            </aside>
        </div>
    }
}
