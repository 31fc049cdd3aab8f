//! Checks of a value while an admin types it: first its rules, then on the server when typing pauses.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use domain::{FieldProblem, availability::SlugAvailability, provisioning::NewTenant, slug::Slug};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use super::availability_status::slug_taken;
use crate::{Failure, ui::FieldStatus};

/// The delay between the last keystroke and the check.
const DEBOUNCE: Duration = Duration::from_millis(250);

/// The result of the latest check of a field while the admin types.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct CheckResult {
    pub status: FieldStatus,
    /// Available slugs to replace a taken slug.
    pub suggestions: Vec<Slug>,
}

/// Returns the problem of a text that breaks a rule. The server checks the other texts.
pub(super) type FindProblem = fn(&str) -> Option<FieldProblem>;

/// A running check on the server.
pub(super) type ServerCheck = Pin<Box<dyn Future<Output = CheckResult>>>;

/// Checks a text: its rules on every change, then with `send` when typing pauses. A text without a value,
/// which breaks the rule `required`, has no status. Also checks the text again when `recheck` notifies.
pub(super) fn check_on_pause(
    text: Memo<String>,
    recheck: RwSignal<()>,
    result: RwSignal<CheckResult>,
    find_problem: FindProblem,
    send: Arc<dyn Fn(String) -> ServerCheck + Send + Sync>,
) {
    let timer = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        recheck.track();
        let checked = text.get();
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        let status = match find_problem(&checked) {
            Some(problem) if problem.rule == "required" => FieldStatus::Empty,
            Some(problem) => FieldStatus::Invalid(problem.message),
            None => FieldStatus::Checking,
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
                let response = send(checked.clone()).await;
                // Drop the response if, in the meantime, the text has changed or the server has refused it.
                let is_unchanged = text.try_get_untracked().as_ref() == Some(&checked);
                if is_unchanged && result.with_untracked(|result| result.status == FieldStatus::Checking) {
                    result.set(response);
                }
            });
        };
        timer.set_value(set_timeout_with_handle(send_check, DEBOUNCE).ok());
    });
}

/// The problem of a slug.
pub(super) fn slug_problem(text: &str) -> Option<FieldProblem> {
    NewTenant::parse_slug(text).err()
}

/// The result of the check of a slug. The tenant with the code `own` may have it, because it is a former slug
/// of this tenant.
pub(super) fn slug_result(response: Result<SlugAvailability, Failure>, own: Option<&str>) -> CheckResult {
    match response {
        Ok(slug) if slug.available => available(),
        Ok(slug) if own.is_some() && slug.conflict.as_ref().map(|tenant| tenant.code.as_str()) == own => {
            available()
        }
        Ok(slug) => CheckResult {
            status: slug_taken(slug.conflict.as_ref(), slug.earlier_tenant.as_deref()),
            suggestions: slug.suggestions,
        },
        Err(failure) => CheckResult { status: check_failed(&failure), suggestions: Vec::new() },
    }
}

fn available() -> CheckResult {
    CheckResult { status: FieldStatus::Available, suggestions: Vec::new() }
}

/// The status after a check without a result. The server may refuse a text that the browser accepts, such as
/// an invalid international domain.
pub(super) fn check_failed(failure: &Failure) -> FieldStatus {
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
