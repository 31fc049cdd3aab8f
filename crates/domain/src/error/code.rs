use serde::{Deserialize, Serialize};

/// Whether sending the same request again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// No. The same request gets the same response.
    No,
    /// Yes, with the same idempotency key.
    Yes,
    /// Yes, with the same idempotency key, after the time in `Retry-After`.
    Later,
    /// The pipeline retries according to its retry policy.
    ByPolicy,
}

/// The button that a page offers after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAction {
    /// Sign in again.
    SignIn,
    /// Return to the form.
    EditDraft,
    /// Submit again with the same idempotency key.
    RetrySameKey,
    /// Open the request that used the key.
    OpenRequest,
    /// Keep the draft and replace its idempotency key.
    UseNewKey,
    /// No button.
    None,
}

/// Whether this version returns an error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Tenantry returns this code, and a test triggers it.
    Current,
    /// Reserved for a feature that is not implemented yet.
    Planned(&'static str),
    /// The former name of another code. Parsed, but never returned.
    Alias(&'static str),
}

/// One row of the error table.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The HTTP status.
    pub status: u16,
    /// A sentence that describes what happened.
    pub title: &'static str,
    /// A sentence that tells the reader what to do.
    pub next_step: &'static str,
    /// Whether a retry can help.
    pub retry: Retry,
    /// The button on the page.
    pub action: NextAction,
    /// Whether this version returns the code.
    pub usage: Usage,
}

macro_rules! error_table {
    ($($variant:ident $code:literal $status:literal $retry:expr, $action:ident, $usage:expr, $title:literal, $next:literal;)+) => {
        /// Every error code. The spelling is stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode { $(#[doc = $title] #[serde(rename = $code)] $variant),+ }

        impl ErrorCode {
            /// Every code, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable spelling, such as `DUPLICATE_SLUG`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Parses the stable spelling.
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// This code's row of the table.
            pub const fn entry(self) -> Entry {
                match self {
                    $(Self::$variant => Entry {
                        status: $status, title: $title, next_step: $next, retry: $retry,
                        action: NextAction::$action, usage: $usage,
                    }),+
                }
            }
        }

        #[cfg(feature = "openapi")]
        crate::text_schema::describe_values!(ErrorCode { $($code: $title),+ });
    };
}

use Retry as R;
use Usage::{Alias, Current, Planned};

const HOLDS: Usage = Planned("slugs held for a draft");

error_table! {
    Unauthenticated "UNAUTHENTICATED" 401 R::No, SignIn, Current,
        "You are not signed in, or your session has ended.", "Sign in again.";
    Forbidden "FORBIDDEN" 403 R::No, None, Current,
        "Your role does not allow this action.", "Ask a super admin to do it, or to change your role.";
    ValidationError "VALIDATION_ERROR" 422 R::No, EditDraft, Current,
        "Some fields are missing or invalid.", "Fix the highlighted fields, then submit again.";
    InvalidSlug "INVALID_SLUG" 422 R::No, EditDraft, Current,
        "The slug is not valid.", "Use 3 to 40 lowercase letters, digits and single hyphens. Start with a letter.";
    EmailValidationFailed "EMAIL_VALIDATION_FAILED" 422 R::No, EditDraft, Current,
        "The e-mail address is not valid.", "Check the address for typing mistakes.";
    DuplicateSlug "DUPLICATE_SLUG" 409 R::No, EditDraft, Current,
        "Another tenant already uses this slug.", "Choose one of the suggested slugs, or enter another one.";
    EmailUnavailable "EMAIL_UNAVAILABLE" 409 R::No, EditDraft, Current,
        "This e-mail address is already in use.", "Enter another e-mail address for the owner.";
    SlugHeld "SLUG_HELD" 409 R::Later, EditDraft, HOLDS,
        "Another admin is using this slug in a draft.", "Choose another slug, or wait until the hold expires.";
    DuplicateRequest "DUPLICATE_REQUEST" 409 R::No, UseNewKey, Current,
        "This request was rolled back, or its tenant was deleted.", "Its idempotency key cannot be used again. Use a new key.";
    RequestInProgress "REQUEST_IN_PROGRESS" 409 R::Later, RetrySameKey, Current,
        "This request is still running.", "Wait a moment, then try again with the same key.";
    IdempotencyKeyMissing "IDEMPOTENCY_KEY_MISSING" 400 R::No, UseNewKey, Current,
        "The request has no idempotency key.", "Send a new UUID in the Idempotency-Key header.";
    IdempotencyKeyInvalid "IDEMPOTENCY_KEY_INVALID" 400 R::No, UseNewKey, Current,
        "The idempotency key is not a UUID.", "Send one UUID in the Idempotency-Key header, with or without double quotes.";
    IdempotencyKeyReused "IDEMPOTENCY_KEY_REUSED" 422 R::No, OpenRequest, Current,
        "This idempotency key was already used for a different request.", "Open that request, or use a new key.";
    OwnerCreationFailed "OWNER_CREATION_FAILED" 500 R::Yes, RetrySameKey, Current,
        "The owner's account could not be created. Nothing was saved.", "Try again with the same key.";
    AuthUserCreationFailed "AUTH_USER_CREATION_FAILED" 500 R::Yes, RetrySameKey, Alias("OWNER_CREATION_FAILED"),
        "The owner's account could not be created. Nothing was saved.", "Try again with the same key.";
    ConstraintViolation "CONSTRAINT_VIOLATION" 422 R::No, EditDraft, Current,
        "The database rejected a value.", "Change the value that the constraint refers to, then submit again.";
    ForeignKeyViolation "FOREIGN_KEY_VIOLATION" 422 R::No, EditDraft, Current,
        "The request refers to something that does not exist.", "Reload the page and choose again.";
    DuplicateKey "DUPLICATE_KEY" 409 R::No, EditDraft, Current,
        "A record with the same identifier already exists.", "Change the value that the constraint refers to, then submit again.";
    SerializationFailure "SERIALIZATION_FAILURE" 503 R::Later, RetrySameKey, Current,
        "Another request changed the same data at the same time.", "Try again with the same key.";
    Deadlock "DEADLOCK" 503 R::Later, RetrySameKey, Current,
        "The database cancelled this request because it blocked another one.", "Try again with the same key.";
    Timeout "TIMEOUT" 503 R::Later, RetrySameKey, Current,
        "The database did not finish in time.", "Try again with the same key.";
    LockTimeout "LOCK_TIMEOUT" 503 R::Later, RetrySameKey, Current,
        "Another transaction blocked this request for too long.", "Try again with the same key.";
    DatabaseUnavailable "DATABASE_UNAVAILABLE" 503 R::Later, RetrySameKey, Current,
        "The database is not available.", "Try again with the same key in a moment.";
    SchemaOutOfDate "SCHEMA_OUT_OF_DATE" 503 R::Later, RetrySameKey, Current,
        "The database schema does not match this version of Tenantry.", "Run `tenantry migrate` with the newest version, then try again.";
    QuotaExceeded "QUOTA_EXCEEDED" 409 R::Later, None, Current,
        "The tenant has used up its quota.", "Raise the quota, or wait until it renews.";
    RateLimited "RATE_LIMITED" 429 R::Later, None, Current,
        "There were too many attempts.", "Wait a moment, then try again.";
    TenantNotFound "TENANT_NOT_FOUND" 404 R::No, None, Current,
        "This tenant does not exist.", "Check the ID, code or slug.";
    TenantSuspended "TENANT_SUSPENDED" 403 R::No, None, Current,
        "This tenant is suspended.", "Ask the platform to resume the tenant.";
    TenantNotActive "TENANT_NOT_ACTIVE" 403 R::No, None, Current,
        "The tenant is not active yet, so its API keys do not work.", "Try again after the tenant was activated.";
    ResourceNotFound "RESOURCE_NOT_FOUND" 404 R::No, None, Current,
        "There is nothing at this address.", "Check the address for typing mistakes.";
    InvalidTransition "INVALID_TRANSITION" 409 R::No, None, Current,
        "This action is not possible in the current status.", "Reload the page to see the current status.";
    PreconditionFailed "PRECONDITION_FAILED" 412 R::No, None, Current,
        "Another call changed this since you read it.", "Read it again, then send your change with the new ETag in If-Match.";
    PreconditionRequired "PRECONDITION_REQUIRED" 428 R::No, None, Current,
        "The request has no If-Match header.", "Send the ETag of the version that you read in If-Match, or * to replace any version.";
    KeyReplaced "KEY_REPLACED" 409 R::No, None, Current,
        "This API key was already replaced.", "Reload to see the current key. If nobody has its secret, replace the current key.";
    InvitationAccepted "INVITATION_ACCEPTED" 409 R::No, None, Current,
        "The invitation was already accepted.", "No new link is needed: the person signs in with the password that they chose.";
    ConnectorFailed "CONNECTOR_FAILED" 502 R::ByPolicy, None, Current,
        "An external system rejected a step of the pipeline.", "Open the step to see the response, fix the cause, then retry.";
    ConnectorTimeout "CONNECTOR_TIMEOUT" 504 R::ByPolicy, None, Current,
        "An external system did not respond in time.", "Tenantry retries the step automatically.";
    WorkerLost "WORKER_LOST" 500 R::ByPolicy, None, Current,
        "The worker stopped before it finished the step.", "Another worker continues the step automatically, unless this happens five times in a row.";
    CircuitOpen "CIRCUIT_OPEN" 503 R::ByPolicy, None, Current,
        "An external system keeps failing, so its steps are paused.", "The steps continue automatically once the system responds.";
    ProvisioningFailed "PROVISIONING_FAILED" 500 R::Yes, RetrySameKey, Current,
        "An unexpected error occurred. Nothing was saved.", "Try again with the same key. If it fails again, give the reference to your operator.";
}

impl ErrorCode {
    /// Whether sending the same request again can have another outcome.
    pub const fn is_retryable(self) -> bool {
        !matches!(self.entry().retry, Retry::No)
    }

    /// The value of `Retry-After` in seconds, for the codes that have one.
    pub const fn retry_after_seconds(self) -> Option<u32> {
        match self {
            Self::RequestInProgress => Some(1),
            Self::RateLimited => Some(60),
            _ if matches!(self.entry().retry, Retry::Later) => Some(2),
            _ => None,
        }
    }

    /// The code of an SQLSTATE (`docs/specification.md`, section 5). The name of the `constraint`
    /// distinguishes a duplicate slug or e-mail from other duplicates. `provisioning_error_code` in SQL
    /// maps the errors that the core records; a test compares both mappings.
    pub fn from_sqlstate(sqlstate: &str, constraint: Option<&str>) -> Self {
        match (sqlstate, constraint) {
            ("23505", Some("tenants_slug_key")) => Self::DuplicateSlug,
            ("23505", Some("users_email_key")) => Self::EmailUnavailable,
            ("23505", _) => Self::DuplicateKey,
            ("23503", _) => Self::ForeignKeyViolation,
            ("23514" | "23502" | "P0001", _) => Self::ConstraintViolation,
            ("40001", _) => Self::SerializationFailure,
            ("40P01", _) => Self::Deadlock,
            ("57014", _) => Self::Timeout,
            ("55P03", _) => Self::LockTimeout,
            ("25006" | "53300" | "57P01" | "57P02" | "57P03", _) => Self::DatabaseUnavailable,
            ("3F000" | "42883" | "42P01" | "42703", _) => Self::SchemaOutOfDate,
            // Connection failures, failed authorisation, and a database that does not exist.
            (state, _) if ["08", "28", "3D"].iter().any(|class| state.starts_with(class)) => {
                Self::DatabaseUnavailable
            }
            _ => Self::ProvisioningFailed,
        }
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
