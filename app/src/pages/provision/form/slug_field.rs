use domain::{
    provisioning::{Draft, DraftField},
    slug::slug_from_name,
};
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
    let must_be_entered = Memo::new(move |_| state.draft.with(slug_must_be_entered));
    let status = Signal::derive(move || {
        match check_status(state, DraftField::Slug, &state.slug_check.read().status) {
            FieldStatus::Empty if must_be_entered.get() => {
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

/// Whether the slug is empty although the name is not, because no letter of the name can be transliterated.
fn slug_must_be_entered(draft: &Draft) -> bool {
    draft.slug.is_empty() && !draft.name.trim().is_empty() && slug_from_name(&draft.name).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_must_be_entered_for_a_name_that_gives_none() {
        let must_be_entered = |name: &str, slug: &str| {
            slug_must_be_entered(&Draft { name: name.into(), slug: slug.into(), ..Draft::default() })
        };
        assert!(must_be_entered("北京", ""));
        assert!(!must_be_entered("北京", "beijing"));
        assert!(!must_be_entered("Phở Việt", ""));
        assert!(!must_be_entered(" ", ""));
    }
}
