use domain::provisioning::DraftField;
use leptos::prelude::*;

use super::super::{
    checks::{self, CHECKS},
    fields::{TextInput, check_status},
    state::FormState,
};
use crate::{
    page_context::PageContext,
    ui::{Field, FieldStatus, InputGroup},
};

/// The slug with its availability check. If the slug is taken, a click or Alt+1 to 3 applies one of three
/// available slugs.
#[component]
pub(super) fn SlugField(state: FormState) -> impl IntoView {
    let host = expect_context::<PageContext>().host;
    let status = Signal::derive(move || {
        match check_status(state, DraftField::Slug, &state.slug_check.read().status) {
            FieldStatus::Empty if state.must_enter_slug.get() => {
                FieldStatus::Invalid("No slug can be derived from this name. Enter one.".into())
            }
            status => status,
        }
    });
    let has_suggestions = Memo::new(move |_| state.slug_check.with(|check| !check.suggestions.is_empty()));
    let suggestions =
        move || has_suggestions.get().then(|| CHECKS.view(move || Box::pin(checks::suggestions(state))));
    view! {
        <Field
            id="slug"
            label=DraftField::Slug.label()
            status
            status_testid=Some("prov-slug-status")
            extra=move || suggestions
        >
            <InputGroup prefix=format!("{host}/")>
                <TextInput state field=DraftField::Slug status testid=Some("prov-slug") inputmode=None verbatim=true />
            </InputGroup>
        </Field>
    }
}
