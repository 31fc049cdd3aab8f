//! The checks of the slug and the e-mail while the admin types: first their rules, then whether they are
//! available. Until the slug is edited, it follows the name. This code is a [`Part`] of the page, because an
//! untouched form needs no checks.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use domain::{
    FieldProblem,
    availability::{EmailAvailability, SlugAvailability},
    provisioning::{Draft, DraftField, NewTenant},
    slug::{Slug, slug_from_name},
};
use leptos::{ev, leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local, wasm_split::wasm_split};

use super::{
    availability_status::{email_taken, slug_taken},
    state::{CheckResult, FormState},
};
use crate::{
    Failure, browser,
    part::{Loaded, Part},
    server_fns,
    ui::{Chip, Chips, FieldStatus},
};

/// The delay between the last keystroke and the check.
const DEBOUNCE: Duration = Duration::from_millis(250);

/// The part that contains the code of this module.
pub(super) static CHECKS: Part = Part { name: "provision_checks", load: || Box::pin(load()) };

/// Checks the slug and the e-mail whenever typing pauses, until `owner` is disposed.
#[wasm_split(provision_checks, wasm_split_path = ::leptos::wasm_split, fallible)]
pub(super) fn start_checks(owner: Owner, state: FormState) -> Loaded<()> {
    let FormState { draft, slug_check, email_check, .. } = state;
    if draft.is_disposed() {
        return Ok(());
    }
    let send_slug = move |text| -> ServerCheck {
        let name = draft.with_untracked(|draft| draft.name.clone());
        Box::pin(async { slug_result(server_fns::check_slug(text, name).await) })
    };
    let send_email =
        |text| -> ServerCheck { Box::pin(async { email_result(server_fns::check_email(text).await) }) };
    owner.with(|| {
        follow_name(state);
        check_on_pause(state, DraftField::Slug, slug_check, slug_problem, Arc::new(send_slug));
        check_on_pause(state, DraftField::OwnerEmail, email_check, email_problem, Arc::new(send_email));
        apply_on_shortcut(state);
    });
    Ok(())
}

/// Up to three available slugs. A click or Alt+1 to 3 applies one.
#[wasm_split(provision_checks, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
pub(super) fn suggestions(state: FormState) -> Loaded<AnyView> {
    let chip = move |(index, slug): (usize, Slug)| {
        let text = slug.to_string();
        view! {
            <Chip
                text
                keys=format!("Alt+{}", index + 1)
                on:click=move |_| state.apply_slug(&slug)
                attr:data-testid="prov-slug-suggestion"
            />
        }
    };
    let chips = move || {
        let slugs = state.slug_check.with(|check| check.suggestions.clone());
        slugs.into_iter().enumerate().map(chip).collect_view()
    };
    let texts = move || {
        state
            .slug_check
            .with(|check| check.suggestions.iter().map(Slug::to_string).collect::<Vec<_>>().join(", "))
    };
    let view = view! {
        <div data-scripted="">
            <Chips label="Available slugs">{chips}</Chips>
        </div>
        <p class="without-scripts small">"Available: " <code>{texts}</code></p>
    };
    Ok(view.into_any())
}

/// Returns the problem of a text that breaks a rule. The server checks the other texts.
type FindProblem = fn(&str) -> Option<FieldProblem>;

fn slug_problem(text: &str) -> Option<FieldProblem> {
    NewTenant::parse_slug(text).err()
}

fn email_problem(text: &str) -> Option<FieldProblem> {
    NewTenant::parse_email(text, browser::domain_to_ascii).err()
}

/// A running check on the server.
type ServerCheck = Pin<Box<dyn Future<Output = CheckResult>>>;

/// Checks the text of a field: its rules on every change, then with `send` when typing pauses. Also checks
/// the text again when `recheck` notifies.
fn check_on_pause(
    state: FormState,
    field: DraftField,
    result: RwSignal<CheckResult>,
    find_problem: FindProblem,
    send: Arc<dyn Fn(String) -> ServerCheck + Send + Sync>,
) {
    let FormState { draft, recheck, .. } = state;
    let text = Memo::new(move |_| draft.with(|draft| draft.get(field).to_owned()));
    let timer = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        recheck.track();
        let text = text.get();
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        let is_blank =
            |text: &str| text.is_empty() || field == DraftField::OwnerEmail && text.trim().is_empty();
        let problem = (!is_blank(&text)).then(|| find_problem(&text));
        let status = match problem {
            None => FieldStatus::Empty,
            Some(Some(problem)) => FieldStatus::Invalid(problem.message),
            Some(None) => FieldStatus::Checking,
        };
        let is_well_formed = status == FieldStatus::Checking;
        result.set(CheckResult { status, suggestions: Vec::new() });
        if !is_well_formed {
            return;
        }
        let send = send.clone();
        let send_check = move || {
            // The admin may have left the page during the delay.
            if result.is_disposed() {
                return;
            }
            spawn_local(async move {
                let response = send(text.clone()).await;
                // Drop the response if, in the meantime, the text has changed or the server has refused it.
                let is_unchanged = draft.try_with_untracked(|draft| draft.get(field) == text) == Some(true);
                if is_unchanged && result.with_untracked(|result| result.status == FieldStatus::Checking) {
                    result.set(response);
                }
            });
        };
        timer.set_value(set_timeout_with_handle(send_check, DEBOUNCE).ok());
    });
}

fn slug_result(response: Result<SlugAvailability, Failure>) -> CheckResult {
    match response {
        Ok(slug) => CheckResult {
            status: match slug.available {
                true => FieldStatus::Available,
                false => slug_taken(slug.conflict.as_ref()),
            },
            suggestions: slug.suggestions,
        },
        Err(failure) => CheckResult { status: check_failed(&failure), suggestions: Vec::new() },
    }
}

fn email_result(response: Result<EmailAvailability, Failure>) -> CheckResult {
    let status = match response {
        Ok(email) if email.available => FieldStatus::Available,
        Ok(email) => email_taken(email.conflict.as_ref(), email.reason),
        Err(failure) => check_failed(&failure),
    };
    CheckResult { status, suggestions: Vec::new() }
}

/// The status after a check without a result. The server may refuse a text that the browser accepts, such as
/// an invalid international domain.
fn check_failed(failure: &Failure) -> FieldStatus {
    if let Failure::Problem(problem) = failure
        && let Some(error) = problem.errors.first()
    {
        return FieldStatus::Invalid(error.message.clone());
    }
    let text = match failure.is_signed_out() {
        true => "Could not check, because your session ended. Sign in again.",
        false => "Could not check. We'll check again when you submit.",
    };
    FieldStatus::Unknown(text.into())
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

/// Applies a suggested slug on Alt+1 to 3.
fn apply_on_shortcut(state: FormState) {
    Effect::new(move |_| {
        let listener = window_event_listener(ev::keydown, move |event| {
            let index = match event.code().as_str() {
                "Digit1" => 0,
                "Digit2" => 1,
                "Digit3" => 2,
                _ => return,
            };
            let slug = state.slug_check.with_untracked(|check| check.suggestions.get(index).cloned());
            if let Some(slug) = slug.filter(|_| event.alt_key() && !event.ctrl_key()) {
                event.prevent_default();
                state.apply_slug(&slug);
            }
        });
        on_cleanup(move || listener.remove());
    });
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
