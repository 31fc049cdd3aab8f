use leptos::prelude::*;

use super::super::state::FormState;
use crate::{
    browser::StoredDraft,
    ui::{Button, ButtonKind, Card, PageHead, Section},
};

/// Asks whether a request that was opened as a draft replaces a submitted draft without a response.
#[component]
pub(super) fn UnansweredDraft(state: FormState, stored: StoredDraft) -> impl IntoView {
    let sentence = format!("We don't know yet whether {} was created.", stored.draft.name.trim());
    let replaced = stored.clone();
    view! {
        <PageHead title="Provision a tenant" />
        <Card attr:data-testid="prov-unanswered">
            <Section title="Your submitted draft has no response yet" sentence>
                <p>
                    "This browser stores only one draft. If you replace the submitted draft with the request that you opened, look for the outcome of the submitted draft in the history."
                </p>
                <div class="cluster">
                    <Button
                        kind=ButtonKind::Primary
                        on:click=move |_| state.return_to_submitted(stored.clone())
                        attr:data-testid="prov-return"
                    >
                        "Return to the submitted draft"
                    </Button>
                    <Button
                        on:click=move |_| state.replace_submitted(replaced.clone())
                        attr:data-testid="prov-replace"
                    >
                        "Replace it"
                    </Button>
                </div>
            </Section>
        </Card>
    }
}
