use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ErrorCode, NextAction};
use crate::{field::FieldProblem, slug::Slug};

/// The tenant that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The tenant's code, such as `TEN-00000012`.
    pub code: String,
    pub name: String,
}

/// Why an e-mail address cannot be a new owner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailReason {
    OwnsTenant,
    HasAccount,
    IsEmployee,
}

/// A refusal or failure as data: a code, and what belongs to it. Sentences come from the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    pub code: ErrorCode,
    /// The provisioning request on record, where there is one.
    pub request_id: Option<Uuid>,
    /// Which attempt under the key this was the end of, counted from 1.
    #[serde(default)]
    pub attempt: Option<u32>,
    /// Every field at fault.
    #[serde(default)]
    pub errors: Vec<FieldProblem>,
    /// The slug or e-mail that is in the way, as it was sent.
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(default)]
    pub conflict: Option<Conflict>,
    #[serde(default)]
    pub email_reason: Option<EmailReason>,
    /// Free slugs, best first.
    #[serde(default)]
    pub suggestions: Vec<Slug>,
    /// The constraint that refused, for admins.
    #[serde(default)]
    pub constraint: Option<String>,
    /// Where in the log the cause is told.
    #[serde(default)]
    pub reference: Option<Uuid>,
    /// Overrides the table's `Retry-After`, in seconds.
    #[serde(default)]
    pub retry_after: Option<u32>,
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        Self {
            code,
            request_id: None,
            attempt: None,
            errors: Vec::new(),
            subject: None,
            conflict: None,
            email_reason: None,
            suggestions: Vec::new(),
            constraint: None,
            reference: None,
            retry_after: None,
        }
    }
}

impl Problem {
    /// The problem of an input with these fields at fault. A slug or e-mail alone gives its own
    /// code; anything else is `VALIDATION_ERROR`.
    pub fn of_fields(errors: Vec<FieldProblem>) -> Self {
        let only = |field| errors.iter().all(|e| e.field == field && e.rule != "required");
        let code = match errors.as_slice() {
            [] => ErrorCode::ValidationError,
            _ if only("slug") => ErrorCode::InvalidSlug,
            _ if only("owner.email") => ErrorCode::EmailValidationFailed,
            _ => ErrorCode::ValidationError,
        };
        Self { errors, ..code.into() }
    }

    /// Seconds a client should wait, for `Retry-After`.
    pub fn retry_after_seconds(&self) -> Option<u32> {
        self.retry_after.or_else(|| self.code.retry_after_seconds())
    }

    /// What happened, in one or two sentences made from the data alone.
    pub fn detail(&self) -> String {
        let subject = self.subject.as_deref().unwrap_or("This value");
        match (self.code, &self.conflict, self.email_reason) {
            (ErrorCode::DuplicateSlug, Some(tenant), _) => {
                format!("{subject} belongs to {} ({}).", tenant.name, tenant.code)
            }
            (ErrorCode::DuplicateSlug, None, _) => format!("{subject} was taken a moment ago."),
            (ErrorCode::EmailUnavailable, Some(tenant), _) => {
                format!("{subject} already owns {} ({}).", tenant.name, tenant.code)
            }
            (ErrorCode::EmailUnavailable, None, Some(EmailReason::IsEmployee)) => {
                format!("{subject} belongs to an employee.")
            }
            (ErrorCode::EmailUnavailable, None, _) => format!("{subject} already has an account."),
            (ErrorCode::ValidationError | ErrorCode::InvalidSlug | ErrorCode::EmailValidationFailed, ..)
                if !self.errors.is_empty() =>
            {
                self.errors.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join(" ")
            }
            (code, ..) => match &self.constraint {
                Some(constraint) => format!("{} Constraint: {constraint}.", code.entry().title),
                None => code.entry().title.to_owned(),
            },
        }
    }

    /// The button that a page offers, given what is known: without suggestions there is none
    /// to apply, without a request there is none to open.
    pub fn action(&self) -> NextAction {
        match self.code.entry().action {
            NextAction::ApplySuggestion if self.suggestions.is_empty() => NextAction::EditDraft,
            NextAction::OpenRequest if self.request_id.is_none() => NextAction::StartOver,
            action => action,
        }
    }

    /// The body of `application/problem+json` (RFC 9457 with SPEC section 5's members).
    pub fn to_json(&self) -> ProblemJson<'_> {
        let entry = self.code.entry();
        ProblemJson {
            code: self.code,
            title: entry.title,
            status: entry.status,
            detail: self.detail(),
            next_step: entry.next_step,
            retryable: self.code.retryable(),
            request_id: self.request_id,
            errors: &self.errors,
            conflict: self.conflict.as_ref(),
            reason: self.email_reason,
            suggestions: (self.code == ErrorCode::DuplicateSlug).then_some(&self.suggestions),
            constraint: self.constraint.as_deref(),
            reference: self.reference,
        }
    }
}

/// How a [`Problem`] looks on the wire of the JSON API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProblemJson<'a> {
    pub code: ErrorCode,
    pub title: &'static str,
    pub status: u16,
    pub detail: String,
    pub next_step: &'static str,
    pub retryable: bool,
    pub request_id: Option<Uuid>,
    pub errors: &'a [FieldProblem],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict: Option<&'a Conflict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<EmailReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestions: Option<&'a Vec<Slug>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Uuid>,
}
