//! The checks of the slug and the e-mail while the admin types: first their rules, then whether they are
//! available. Until the slug is edited, it follows the name. This code is a [`Part`] of the page, because an
//! untouched form needs no checks.

use std::sync::Arc;

use domain::{
    FieldProblem,
    availability::EmailAvailability,
    provisioning::{Draft, DraftField, NewTenant},
    slug::slug_from_name,
};
use leptos::{prelude::*, wasm_split::wasm_split};

use super::state::FormState;
use crate::{
    Failure, browser,
    pages::{
        availability_status::email_taken,
        slug_suggestions::{ApplySlug, SlugSuggestions, apply_on_shortcut},
        value_check::{CheckResult, ServerCheck, check_failed, check_on_pause, slug_problem, slug_result},
    },
    part::{Loaded, Part},
    server_fns,
    ui::FieldStatus,
};

/// The part that contains the code of this module.
pub(super) static CHECKS: Part = Part { name: "provision_checks", load: || Box::pin(load()) };

/// Checks the slug and the e-mail whenever typing pauses, until `owner` is disposed.
#[wasm_split(provision_checks, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(super) fn start_checks(owner: Owner, state: FormState) -> Loaded<()> {
    let FormState { draft, slug_check, email_check, recheck, .. } = state;
    if draft.is_disposed() {
        return Ok(());
    }
    let send_slug = move |text| -> ServerCheck {
        let name = draft.with_untracked(|draft| draft.name.clone());
        Box::pin(async { slug_result(server_fns::check_slug(text, name).await, None) })
    };
    let send_email =
        |text| -> ServerCheck { Box::pin(async { email_result(server_fns::check_email(text).await) }) };
    let text = |field| Memo::new(move |_| draft.with(|draft| draft.get(field).to_owned()));
    owner.with(|| {
        follow_name(state);
        let slug = text(DraftField::Slug);
        check_on_pause(slug, recheck, slug_check, slug_problem, Arc::new(send_slug));
        let email = text(DraftField::OwnerEmail);
        check_on_pause(email, recheck, email_check, email_problem, Arc::new(send_email));
        apply_on_shortcut(slug_check, apply(state));
    });
    Ok(())
}

/// Up to three available slugs. A click or Alt+1 to 3 applies one.
#[wasm_split(provision_checks, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn suggestions(state: FormState) -> Loaded<AnyView> {
    let view = view! {
        <SlugSuggestions
            check=state.slug_check
            apply=apply(state)
            testid="prov-slug-suggestion"
            has_shortcuts=true
        />
    };
    Ok(view.into_any())
}

/// The problem of an e-mail address. A blank one is missing, but not invalid.
fn email_problem(text: &str) -> Option<FieldProblem> {
    NewTenant::parse_email(text, browser::domain_to_ascii).err()
}

fn email_result(response: Result<EmailAvailability, Failure>) -> CheckResult {
    let status = match response {
        Ok(email) if email.available => FieldStatus::Available,
        Ok(email) => email_taken(email.conflict.as_ref(), email.reason),
        Err(failure) => check_failed(&failure),
    };
    CheckResult { status, suggestions: Vec::new() }
}

/// Derives the slug from the name whenever the name changes, until the slug is edited. Keeps the slug of a
/// restored draft.
fn follow_name(state: FormState) {
    let name = Memo::new(move |_| state.draft.with(|draft| draft.name.clone()));
    Effect::new(move |previous: Option<()>| {
        let name = name.get();
        if previous.is_some() || state.draft.with_untracked(|draft| draft.slug.is_empty()) {
            state.derive_slug(&name);
        }
    });
    let must_enter_slug = Memo::new(move |_| state.draft.with(slug_must_be_entered));
    Effect::new(move |_| state.must_enter_slug.set(must_enter_slug.get()));
}

/// Whether the slug is empty although the name is not, because no letter of the name can be transliterated.
fn slug_must_be_entered(draft: &Draft) -> bool {
    draft.slug.is_empty() && !draft.name.trim().is_empty() && slug_from_name(&draft.name).is_empty()
}

/// Applies a suggested slug.
fn apply(state: FormState) -> ApplySlug {
    Arc::new(move |slug| state.apply_slug(slug))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_must_be_entered_if_none_can_be_derived_from_the_name() {
        let must_be_entered = |name: &str, slug: &str| {
            slug_must_be_entered(&Draft { name: name.into(), slug: slug.into(), ..Draft::default() })
        };
        assert!(must_be_entered("北京", ""));
        assert!(!must_be_entered("北京", "beijing"));
        assert!(!must_be_entered("Phở Việt", ""));
        assert!(!must_be_entered(" ", ""));
    }
}
