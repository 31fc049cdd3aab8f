use std::{future::Future, time::Duration};

use domain::{
    availability::{EmailAvailability, SlugAvailability},
    error::EmailReason,
    paths,
    provisioning::{Draft, NewTenant},
    slug::Slug,
};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use crate::{
    Failure, browser, server_fns,
    ui::{FieldStatus, StatusLink},
};

/// The delay after the last keystroke before the server is asked.
const DEBOUNCE: Duration = Duration::from_millis(250);

/// The result of a check, with the text that was checked. It says nothing about any other text.
#[derive(Debug, Clone, PartialEq)]
struct Checked<T> {
    text: String,
    /// `None` until the server responds.
    answer: Option<Result<T, Failure>>,
}

/// The checks that need the server: whether the slug and the e-mail are available.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checks {
    slug: RwSignal<Option<Checked<SlugAvailability>>>,
    email: RwSignal<Option<Checked<EmailAvailability>>>,
}

impl Checks {
    /// Checks the slug and the e-mail of `draft` whenever typing pauses.
    pub fn new(draft: RwSignal<Draft>) -> Self {
        let checks = Self { slug: RwSignal::new(None), email: RwSignal::new(None) };
        let slug = Memo::new(move |_| draft.with(|draft| draft.slug.clone()));
        let email = Memo::new(move |_| draft.with(|draft| draft.owner_email.clone()));
        check_on_pause(
            slug,
            checks.slug,
            |text| Slug::parse(text).is_ok(),
            move |text| server_fns::check_slug(text, draft.with_untracked(|draft| draft.name.clone())),
        );
        check_on_pause(
            email,
            checks.email,
            |text| NewTenant::parse_email(text, browser::domain_to_ascii).is_ok(),
            server_fns::check_email,
        );
        checks
    }

    /// The status of the slug.
    pub fn slug_status(self, text: &str) -> FieldStatus {
        if text.is_empty() {
            return FieldStatus::Empty;
        }
        if let Err(problem) = NewTenant::parse_slug(text) {
            return FieldStatus::Invalid(problem.message);
        }
        self.slug.with(|checked| {
            status(checked.as_ref(), text, |answer| (!answer.available).then(|| slug_taken(answer)))
        })
    }

    /// The status of the e-mail.
    pub fn email_status(self, text: &str) -> FieldStatus {
        if text.trim().is_empty() {
            return FieldStatus::Empty;
        }
        if let Err(problem) = NewTenant::parse_email(text, browser::domain_to_ascii) {
            return FieldStatus::Invalid(problem.message);
        }
        self.email.with(|checked| {
            status(checked.as_ref(), text, |answer| (!answer.available).then(|| email_taken(answer)))
        })
    }

    /// Available slugs to replace `text`, if it is taken.
    pub fn suggestions(self, text: &str) -> Vec<Slug> {
        self.slug.with(|checked| match checked {
            Some(Checked { text: checked, answer: Some(Ok(answer)) }) if checked == text => {
                answer.suggestions.clone()
            }
            _ => Vec::new(),
        })
    }
}

/// Asks the server about a text once typing pauses, if `is_well_formed` accepts the text.
fn check_on_pause<T, F>(
    text: Memo<String>,
    checked: RwSignal<Option<Checked<T>>>,
    is_well_formed: impl Fn(&str) -> bool + 'static,
    ask: impl Fn(String) -> F + Copy + Send + Sync + 'static,
) where
    T: Send + Sync + 'static,
    F: Future<Output = Result<T, Failure>> + 'static,
{
    let timer = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        let text = text.get();
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        if !is_well_formed(&text) {
            checked.set(None);
            return;
        }
        checked.set(Some(Checked { text: text.clone(), answer: None }));
        let ask_server = move || {
            // The admin may have left the page during the delay.
            if checked.is_disposed() {
                return;
            }
            spawn_local(async move {
                let answer = ask(text.clone()).await;
                // Drop the answer if the text has changed since.
                let _ = checked.try_update(|checked| {
                    if let Some(checked) = checked.as_mut().filter(|checked| checked.text == text) {
                        checked.answer = Some(answer);
                    }
                });
            });
        };
        timer.set_value(set_timeout_with_handle(ask_server, DEBOUNCE).ok());
    });
}

fn status<T>(
    checked: Option<&Checked<T>>,
    text: &str,
    taken: impl Fn(&T) -> Option<FieldStatus>,
) -> FieldStatus {
    match checked.filter(|checked| checked.text == text) {
        Some(Checked { answer: Some(Ok(answer)), .. }) => taken(answer).unwrap_or(FieldStatus::Available),
        Some(Checked { answer: Some(Err(failure)), .. }) => FieldStatus::Unknown(check_failed_text(failure)),
        Some(Checked { answer: None, .. }) => FieldStatus::Checking,
        None => FieldStatus::Empty,
    }
}

fn check_failed_text(failure: &Failure) -> String {
    if failure.is_signed_out() {
        "Could not check, because your session ended. Sign in again. Your draft is saved.".into()
    } else {
        "Could not check. We'll check again when you submit.".into()
    }
}

fn slug_taken(answer: &SlugAvailability) -> FieldStatus {
    match &answer.conflict {
        Some(tenant) => FieldStatus::Taken {
            text: format!("Taken by {}", tenant.name),
            link: Some(tenant_link(&tenant.code)),
        },
        None => FieldStatus::Taken { text: "Taken".into(), link: None },
    }
}

fn email_taken(answer: &EmailAvailability) -> FieldStatus {
    match (answer.reason, &answer.conflict) {
        (_, Some(tenant)) => FieldStatus::Taken {
            text: format!("Already owns {}", tenant.name),
            link: Some(tenant_link(&tenant.code)),
        },
        (Some(EmailReason::IsEmployee), None) => {
            FieldStatus::Taken { text: "Belongs to an employee. Use another address.".into(), link: None }
        }
        (_, None) => {
            FieldStatus::Taken { text: "Already has an account. Use another address.".into(), link: None }
        }
    }
}

fn tenant_link(code: &str) -> StatusLink {
    StatusLink { label: code.to_owned(), href: paths::history_search(code) }
}
