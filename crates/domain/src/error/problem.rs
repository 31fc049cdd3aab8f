use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ErrorCode, NextAction};
use crate::{Timestamp, field::FieldProblem, slug::Slug};

/// The tenant that already uses a slug or an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conflict {
    /// The tenant's code, such as `TEN-00000012`.
    pub code: String,
    /// The tenant's name.
    pub name: String,
    /// Until when the tenant can be restored, if it is deleted. It keeps its slug until then.
    #[serde(default, rename = "restorableUntil")]
    pub restorable_until: Option<Timestamp>,
}

impl Conflict {
    /// A sentence that says which tenant has the slug `subject`, and until when if the tenant is deleted.
    pub fn slug_sentence(&self, subject: &str) -> String {
        let Self { code, name, .. } = self;
        match self.restorable_until {
            None => format!("The slug {subject} is already used by {name} ({code})."),
            Some(until) => format!(
                "The slug {subject} belongs to the deleted tenant {name} ({code}), which can be restored until {}.",
                until.utc_text()
            ),
        }
    }
}

/// Why a new owner cannot use an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EmailReason {
    /// The account with this address already owns a tenant.
    OwnsTenant,
    /// An account with this address already exists.
    HasAccount,
    /// The address belongs to an employee of the platform.
    IsEmployee,
    /// The earlier system has an account with this address, which was not adopted yet.
    InEarlierSystem,
}

/// A refusal or failure as data: a code with its details. The error table has the texts for each code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RecordedProblem))]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The code, which selects the row of the error table.
    pub code: ErrorCode,
    /// The recorded provisioning request, if there is one.
    pub request_id: Option<Uuid>,
    /// The number of the attempt that failed, counted from 1.
    #[serde(default)]
    pub attempt: Option<u32>,
    /// The problems of all fields.
    #[serde(default)]
    pub errors: Vec<FieldProblem>,
    /// The slug or e-mail address that is taken, as it was sent.
    #[serde(default)]
    pub subject: Option<String>,
    /// The tenant that uses the slug or e-mail address.
    #[serde(default)]
    pub conflict: Option<Conflict>,
    /// Why the e-mail address is not available.
    #[serde(default)]
    pub email_reason: Option<EmailReason>,
    /// The name of the tenant of the earlier system that has the slug, if no tenant of Tenantry has it.
    #[serde(default)]
    pub earlier_tenant: Option<String>,
    /// Available slugs, best first.
    #[serde(default)]
    pub suggestions: Vec<Slug>,
    /// The name of the violated constraint.
    #[serde(default)]
    pub constraint: Option<String>,
    /// The reference under which the log contains the cause.
    #[serde(default)]
    pub reference: Option<Uuid>,
    /// The `Retry-After` in seconds, if it differs from the code's default.
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
            earlier_tenant: None,
            suggestions: Vec::new(),
            constraint: None,
            reference: None,
            retry_after: None,
        }
    }
}

impl Problem {
    /// Creates the problem of an input with invalid fields. If only the slug or only the owner's e-mail
    /// address is invalid, the problem has that field's own code, otherwise `VALIDATION_ERROR`.
    pub fn from_fields(errors: Vec<FieldProblem>) -> Self {
        let only = |field| errors.iter().all(|e| e.field == field && e.rule != "required");
        let code = match errors.as_slice() {
            [] => ErrorCode::ValidationError,
            _ if only("slug") => ErrorCode::InvalidSlug,
            _ if only("owner.email") => ErrorCode::EmailValidationFailed,
            _ => ErrorCode::ValidationError,
        };
        Self { errors, ..code.into() }
    }

    /// How many seconds a client should wait, for `Retry-After`.
    pub fn retry_after_seconds(&self) -> Option<u32> {
        self.retry_after.or_else(|| self.code.retry_after_seconds())
    }

    /// What happened, in one or two sentences.
    pub fn detail(&self) -> String {
        let subject = self.subject.as_deref().unwrap_or("This value");
        match (self.code, &self.conflict, self.email_reason) {
            (ErrorCode::DuplicateSlug, Some(tenant), _) => tenant.slug_sentence(subject),
            (ErrorCode::DuplicateSlug, None, _) => match &self.earlier_tenant {
                Some(name) => format!("The slug {subject} is already used by {name} in the earlier system."),
                None => format!("The slug {subject} was taken a moment ago."),
            },
            (ErrorCode::EmailUnavailable, Some(tenant), _) => {
                format!("{subject} already owns {} ({}).", tenant.name, tenant.code)
            }
            (ErrorCode::EmailUnavailable, None, Some(EmailReason::IsEmployee)) => {
                format!("{subject} belongs to an employee.")
            }
            (ErrorCode::EmailUnavailable, None, Some(EmailReason::InEarlierSystem)) => {
                format!("{subject} already has an account in the earlier system.")
            }
            (ErrorCode::EmailUnavailable, None, Some(_)) => format!("{subject} already has an account."),
            (ErrorCode::EmailUnavailable, None, None) => format!("{subject} is already in use."),
            (ErrorCode::DuplicateKey, ..) if self.is_external_id_taken() => {
                "Another tenant already has this external ID.".to_owned()
            }
            (
                ErrorCode::ValidationError
                | ErrorCode::InvalidSlug
                | ErrorCode::EmailValidationFailed
                | ErrorCode::InvalidTransition
                | ErrorCode::DuplicateKey
                | ErrorCode::QuotaExceeded,
                ..,
            ) if !self.errors.is_empty() => {
                self.errors.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join(" ")
            }
            (code, ..) => match &self.constraint {
                Some(constraint) => format!("{} Constraint: {constraint}.", code.entry().title),
                None => code.entry().title.to_owned(),
            },
        }
    }

    /// What the client can do next.
    pub fn next_step(&self) -> &'static str {
        let lacks_owner = self.errors.iter().any(|e| e.field == "status" && e.rule == "no_owner");
        match self.code {
            ErrorCode::InvalidTransition if lacks_owner => {
                "Name the owner with PUT /api/v1/admin/tenants/{tenant}/owner, which activates the tenant."
            }
            code => code.entry().next_step,
        }
    }

    /// The problems of the refused fields: those that the problem names, or the field whose value is taken. Empty if
    /// the problem does not concern fields.
    pub fn field_problems(&self) -> Vec<FieldProblem> {
        let taken_field = match self.code {
            _ if !self.errors.is_empty() => return self.errors.clone(),
            ErrorCode::DuplicateSlug => "slug",
            ErrorCode::EmailUnavailable => "owner.email",
            ErrorCode::DuplicateKey if self.is_external_id_taken() => "externalId",
            _ => return Vec::new(),
        };
        vec![FieldProblem::new(taken_field, "taken", &self.detail())]
    }

    fn is_external_id_taken(&self) -> bool {
        self.constraint.as_deref() == Some("tenants_external_id_key")
    }

    /// The button that a page offers. Falls back to another action when there is no request to open.
    pub fn action(&self) -> NextAction {
        match self.code.entry().action {
            NextAction::OpenRequest if self.request_id.is_none() => NextAction::UseNewKey,
            action => action,
        }
    }

    /// The body of `application/problem+json` (RFC 9457, with the members of `docs/specification.md`,
    /// section 5).
    pub fn to_json(&self) -> ProblemJson<'_> {
        let entry = self.code.entry();
        ProblemJson {
            code: self.code,
            title: entry.title,
            status: entry.status,
            detail: self.detail(),
            next_step: self.next_step(),
            retryable: self.code.is_retryable(),
            request_id: self.request_id,
            errors: &self.errors,
            conflict: self.conflict.as_ref(),
            reason: self.email_reason,
            earlier_tenant: self.earlier_tenant.as_deref(),
            suggestions: (self.code == ErrorCode::DuplicateSlug).then_some(&self.suggestions),
            constraint: self.constraint.as_deref(),
            reference: self.reference,
        }
    }
}

/// An error response.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Problem))]
#[serde(rename_all = "camelCase")]
pub struct ProblemJson<'a> {
    /// The error code.
    pub code: ErrorCode,
    /// A sentence that describes the error code.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// A sentence that describes this occurrence.
    pub detail: String,
    /// What the client can do.
    pub next_step: &'static str,
    /// Whether sending the same request again can help.
    pub retryable: bool,
    /// The recorded provisioning request.
    pub request_id: Option<Uuid>,
    /// The problems of all fields.
    pub errors: &'a [FieldProblem],
    /// The tenant that uses the slug or e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub conflict: Option<&'a Conflict>,
    /// Why the e-mail address is not available.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub reason: Option<EmailReason>,
    /// The name of the tenant of the earlier system that has the slug, if no tenant of Tenantry has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub earlier_tenant: Option<&'a str>,
    /// Available slugs, only for `DUPLICATE_SLUG`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub suggestions: Option<&'a Vec<Slug>>,
    /// The name of the violated constraint.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub constraint: Option<&'a str>,
    /// The reference under which the log contains the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub reference: Option<Uuid>,
}
