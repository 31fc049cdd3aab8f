use serde::{Deserialize, Serialize};

/// Whether and how trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same input gives the same answer.
    No,
    /// The same key may be sent again.
    Yes,
    /// The same key may be sent again after `Retry-After`.
    Later,
    /// Decided by the step's retry policy.
    ByPolicy,
}

/// What the page offers as a button after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAction {
    SignIn,
    EditDraft,
    ApplySuggestion,
    RetrySameKey,
    OpenRequest,
    StartOver,
    None,
}

/// Which part of Tenantry gives this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Provoked by a test of what stands today.
    Now,
    /// Belongs to work that is listed but not built yet.
    Later(&'static str),
    /// An old spelling that clients may still know; never given.
    Alias(&'static str),
}

/// One row of the error table.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub status: u16,
    pub title: &'static str,
    pub next_step: &'static str,
    pub retry: Retry,
    pub action: NextAction,
    pub origin: Origin,
}

macro_rules! error_table {
    ($($variant:ident $code:literal $status:literal $retry:expr, $action:ident, $origin:expr, $title:literal, $next:literal;)+) => {
        /// Every code that Tenantry gives, stable on the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode { $(#[serde(rename = $code)] $variant),+ }

        impl ErrorCode {
            /// The whole table, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable spelling, such as `DUPLICATE_SLUG`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Reads the stable spelling; anything else is `None`.
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// This code's row of the table.
            pub const fn entry(self) -> Entry {
                match self {
                    $(Self::$variant => Entry {
                        status: $status, title: $title, next_step: $next, retry: $retry,
                        action: NextAction::$action, origin: $origin,
                    }),+
                }
            }
        }
    };
}

use Origin::{Alias, Later, Now};
use Retry as R;

const HOLDS: Origin = Later("names held for a draft");
const QUOTAS: Origin = Later("quotas");
const PIPELINE: Origin = Later("the external pipeline");
const REGISTRY: Origin = Later("the tenant registry");

error_table! {
    Unauthenticated "UNAUTHENTICATED" 401 R::No, SignIn, Now,
        "You are not signed in.", "Sign in again. Your draft is kept.";
    Forbidden "FORBIDDEN" 403 R::No, None, Now,
        "Your role does not allow this.", "Ask a super admin for the role that does.";
    ValidationError "VALIDATION_ERROR" 422 R::No, EditDraft, Now,
        "Some fields need attention.", "Mend the fields that are named and submit again.";
    InvalidSlug "INVALID_SLUG" 422 R::No, EditDraft, Now,
        "The slug breaks a rule.", "Use 3 to 40 of a-z, 0-9 and single hyphens, starting with a letter.";
    EmailValidationFailed "EMAIL_VALIDATION_FAILED" 422 R::No, EditDraft, Now,
        "The e-mail address breaks a rule.", "Check the address for a typing mistake.";
    DuplicateSlug "DUPLICATE_SLUG" 409 R::No, ApplySuggestion, Now,
        "The slug is taken.", "Pick one of the free slugs, or open the tenant that has it.";
    EmailUnavailable "EMAIL_UNAVAILABLE" 409 R::No, EditDraft, Now,
        "The e-mail address is in use.", "Use another address for this owner.";
    SlugHeld "SLUG_HELD" 409 R::Later, ApplySuggestion, HOLDS,
        "Another admin holds this slug.", "Pick another slug, or wait until the hold ends.";
    DuplicateRequest "DUPLICATE_REQUEST" 409 R::No, StartOver, Now,
        "This request was rolled back, or its tenant was deleted.", "Start over with a new key. It does not come back by itself.";
    RequestInProgress "REQUEST_IN_PROGRESS" 409 R::Later, RetrySameKey, Now,
        "This request is still running.", "Wait a moment, then ask again with the same key.";
    IdempotencyKeyMissing "IDEMPOTENCY_KEY_MISSING" 400 R::No, StartOver, Now,
        "The request carries no idempotency key.", "Send a UUID in the Idempotency-Key header.";
    IdempotencyKeyInvalid "IDEMPOTENCY_KEY_INVALID" 400 R::No, StartOver, Now,
        "The idempotency key is not a UUID.", "Send a UUID, bare or in double quotes.";
    IdempotencyKeyReused "IDEMPOTENCY_KEY_REUSED" 422 R::No, OpenRequest, Now,
        "This key already made another tenant.", "Open that request, or start over with a new key.";
    OwnerCreationFailed "OWNER_CREATION_FAILED" 500 R::Yes, RetrySameKey, Now,
        "The owner's account could not be made.", "Try again with the same key.";
    AuthUserCreationFailed "AUTH_USER_CREATION_FAILED" 500 R::Yes, RetrySameKey, Alias("OWNER_CREATION_FAILED"),
        "The owner's account could not be made.", "Try again with the same key.";
    ConstraintViolation "CONSTRAINT_VIOLATION" 422 R::No, EditDraft, Now,
        "The database refused a value.", "Change the value that the constraint names.";
    ForeignKeyViolation "FOREIGN_KEY_VIOLATION" 422 R::No, EditDraft, Now,
        "Something that this refers to does not exist.", "Reload the page and choose again.";
    DuplicateKey "DUPLICATE_KEY" 409 R::No, EditDraft, Now,
        "Something with this identity exists already.", "Change the value that the constraint names.";
    SerializationFailure "SERIALIZATION_FAILURE" 503 R::Later, RetrySameKey, Now,
        "Others changed the same rows at the same moment.", "Try again with the same key.";
    Deadlock "DEADLOCK" 503 R::Later, RetrySameKey, Now,
        "Two requests waited for each other.", "Try again with the same key.";
    Timeout "TIMEOUT" 503 R::Later, RetrySameKey, Now,
        "The database took too long.", "Try again with the same key.";
    LockTimeout "LOCK_TIMEOUT" 503 R::Later, RetrySameKey, Now,
        "A lock was not free in time.", "Try again with the same key.";
    DatabaseUnavailable "DATABASE_UNAVAILABLE" 503 R::Later, RetrySameKey, Now,
        "The database cannot be reached.", "Try again with the same key in a moment. Your draft is kept.";
    SchemaOutOfDate "SCHEMA_OUT_OF_DATE" 503 R::Later, RetrySameKey, Now,
        "The database schema is not the one this version needs.", "Run tenantry migrate, then try again.";
    QuotaExceeded "QUOTA_EXCEEDED" 409 R::Later, None, QUOTAS,
        "The quota is used up.", "Raise the quota or wait until it renews.";
    RateLimited "RATE_LIMITED" 429 R::Later, None, Now,
        "Too many attempts.", "Wait, then try again.";
    TenantNotFound "TENANT_NOT_FOUND" 404 R::No, None, REGISTRY,
        "There is no such tenant.", "Check the code or slug.";
    ResourceNotFound "RESOURCE_NOT_FOUND" 404 R::No, None, Now,
        "There is nothing at this address.", "Check the address.";
    InvalidTransition "INVALID_TRANSITION" 409 R::No, None, Now,
        "This cannot follow from the present status.", "Reload to see where it stands.";
    ConnectorFailed "CONNECTOR_FAILED" 502 R::ByPolicy, None, PIPELINE,
        "An outside system refused a step.", "Open the step to see its answer.";
    ConnectorTimeout "CONNECTOR_TIMEOUT" 504 R::ByPolicy, None, PIPELINE,
        "An outside system did not answer in time.", "The step is tried again by itself.";
    CircuitOpen "CIRCUIT_OPEN" 503 R::ByPolicy, None, PIPELINE,
        "An outside system is failing; steps wait for it.", "They go on by themselves when it answers.";
    ProvisioningFailed "PROVISIONING_FAILED" 500 R::Yes, RetrySameKey, Now,
        "Something unforeseen went wrong.", "Try again with the same key, and give the reference to your operator.";
}

impl ErrorCode {
    /// Whether sending the same request again can end differently.
    pub const fn retryable(self) -> bool {
        !matches!(self.entry().retry, Retry::No)
    }

    /// Seconds for `Retry-After`, for the codes that carry it.
    pub const fn retry_after_seconds(self) -> Option<u32> {
        match self {
            Self::RequestInProgress => Some(1),
            Self::RateLimited => Some(60),
            _ if matches!(self.entry().retry, Retry::Later) => Some(2),
            _ => None,
        }
    }

    /// The code of an SQLSTATE class (SPEC section 5). `constraint` tells a taken slug or
    /// e-mail from any other duplicate. `provisioning_error_code` in SQL is the same table for what
    /// the core keeps on record; a test compares the two.
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
            // No connection, no authorisation, no such database: it is there for others at most.
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
