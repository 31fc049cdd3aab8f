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

/// The delay between the last keystroke and the check.
const DEBOUNCE: Duration = Duration::from_millis(250);

/// A check of one text. The response is not valid for any other text.
#[derive(Debug, Clone, PartialEq)]
struct Check<T> {
    text: String,
    /// `None` until the server responds.
    response: Option<Result<T, Failure>>,
}

/// The checks that need the server: whether the slug and the e-mail are available.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checks {
    slug: RwSignal<Option<Check<SlugAvailability>>>,
    email: RwSignal<Option<Check<EmailAvailability>>>,
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
        self.slug
            .with(|check| status(check.as_ref(), text, |slug| (!slug.available).then(|| slug_taken(slug))))
    }

    /// The status of the e-mail.
    pub fn email_status(self, text: &str) -> FieldStatus {
        if text.trim().is_empty() {
            return FieldStatus::Empty;
        }
        if let Err(problem) = NewTenant::parse_email(text, browser::domain_to_ascii) {
            return FieldStatus::Invalid(problem.message);
        }
        self.email.with(|check| {
            status(check.as_ref(), text, |email| (!email.available).then(|| email_taken(email)))
        })
    }

    /// Available slugs to replace `text`, if it is taken.
    pub fn suggestions(self, text: &str) -> Vec<Slug> {
        self.slug.with(|check| match check {
            Some(Check { text: checked, response: Some(Ok(slug)) }) if checked == text => {
                slug.suggestions.clone()
            }
            _ => Vec::new(),
        })
    }
}

/// Sends a text to the server when typing pauses, if `is_well_formed` accepts the text.
fn check_on_pause<T, F>(
    text: Memo<String>,
    check: RwSignal<Option<Check<T>>>,
    is_well_formed: impl Fn(&str) -> bool + 'static,
    send: impl Fn(String) -> F + Copy + Send + Sync + 'static,
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
            check.set(None);
            return;
        }
        check.set(Some(Check { text: text.clone(), response: None }));
        let send_check = move || {
            // The admin may have left the page during the delay.
            if check.is_disposed() {
                return;
            }
            spawn_local(async move {
                let response = send(text.clone()).await;
                // Drop the response if the text has changed in the meantime.
                let _ = check.try_update(|check| {
                    if let Some(check) = check.as_mut().filter(|check| check.text == text) {
                        check.response = Some(response);
                    }
                });
            });
        };
        timer.set_value(set_timeout_with_handle(send_check, DEBOUNCE).ok());
    });
}

/// The status of `text`. `taken` returns a status if the text is not available.
fn status<T>(check: Option<&Check<T>>, text: &str, taken: impl Fn(&T) -> Option<FieldStatus>) -> FieldStatus {
    match check.filter(|check| check.text == text) {
        Some(Check { response: Some(Ok(response)), .. }) => taken(response).unwrap_or(FieldStatus::Available),
        Some(Check { response: Some(Err(failure)), .. }) => FieldStatus::Unknown(check_failed_text(failure)),
        Some(Check { response: None, .. }) => FieldStatus::Checking,
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

fn slug_taken(slug: &SlugAvailability) -> FieldStatus {
    match &slug.conflict {
        Some(tenant) => FieldStatus::Taken {
            text: format!("Taken by {}", tenant.name),
            link: Some(tenant_link(&tenant.code)),
        },
        None => FieldStatus::Taken { text: "Taken".into(), link: None },
    }
}

fn email_taken(email: &EmailAvailability) -> FieldStatus {
    match (email.reason, &email.conflict) {
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
