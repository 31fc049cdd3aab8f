use domain::{
    Problem,
    erasure::ErasureReport,
    provisioning::Draft,
    sign_up::SignUpInput,
    tenant_form::{FormValues, TenantForm},
};

use crate::{issued_secret::IssuedSecret, server_fns::ProvisionOutcome};

/// The content that a page shows instead of its initial state: the result of a form that was posted without
/// JavaScript, or the draft of a failed request.
#[derive(Debug, Clone)]
pub enum FormResult {
    /// Signing in failed.
    Login {
        /// The e-mail address as typed.
        email: String,
        /// The path to open after signing in.
        next: String,
        /// Why signing in failed.
        problem: Problem,
    },
    /// Accepting a setup link failed.
    Setup {
        /// The name as typed. Empty if the link is that of a new employee.
        name: String,
        /// The e-mail address as typed. Empty if the link is that of a new employee.
        email: String,
        /// Why the account was not created, or the password not set.
        problem: Problem,
    },
    /// Requesting a link for a new password failed.
    PasswordResetRequest {
        /// The e-mail address as typed.
        email: String,
        /// Why no link was requested.
        problem: Problem,
    },
    /// Setting a new password with a link failed.
    PasswordReset {
        /// Why the password was not set.
        problem: Problem,
    },
    /// A form of the account's page was refused.
    Account {
        /// The name of the form: `password` or `address`.
        form: String,
        /// The new e-mail address as typed.
        email: String,
        /// Why nothing was changed.
        problem: Problem,
    },
    /// Confirming or cancelling the change of an address failed.
    AddressChange {
        /// Why nothing was changed.
        problem: Problem,
    },
    /// Accepting an invitation failed.
    Invitation {
        /// Why the password was not set.
        problem: Problem,
    },
    /// The sign-up form, or the form that sends its mail again, was posted.
    SignUp {
        /// The form as typed. The form that sends the mail again has only the address.
        input: SignUpInput,
        /// Whether the mail was to be sent again.
        is_resend: bool,
        /// Why nothing was sent.
        result: Result<(), Box<Problem>>,
    },
    /// Completing a sign-up failed.
    SignUpLink {
        /// The slug as typed.
        slug: String,
        /// Why the tenant was not created, or the password not set.
        problem: Problem,
    },
    /// A tenant was provisioned, or provisioning failed.
    Provision {
        /// The draft as typed.
        draft: Box<Draft>,
        /// The idempotency key of the draft.
        key: String,
        /// The tenant, or why it was not created.
        result: Result<Box<ProvisionOutcome>, Box<Problem>>,
    },
    /// A form on the page of a tenant was refused.
    Tenant {
        /// The form.
        form: TenantForm,
        /// The version of the values that the form had loaded.
        version: String,
        /// The texts as typed.
        values: FormValues,
        /// Why nothing was saved.
        problem: Problem,
    },
    /// A form of the catalog was refused in the portal.
    Catalog {
        /// The action, the slug and the texts as typed.
        values: FormValues,
        /// Why nothing was saved.
        problem: Problem,
    },
    /// A form of the page with the members of a tenant was refused.
    Members {
        /// The action and the texts as typed.
        values: FormValues,
        /// Why nothing was changed.
        problem: Problem,
    },
    /// An uploaded archive was refused.
    Import {
        /// Why nothing was stored.
        problem: Problem,
    },
    /// The form that erases a person was posted.
    Erasure {
        /// The address and the reference as typed.
        values: FormValues,
        /// What would be erased, or what must be done first. None if that is unknown.
        report: Option<Box<ErasureReport>>,
        /// Why nothing was changed.
        problem: Option<Box<Problem>>,
    },
    /// A form of the team page was refused, or created a secret that is shown once.
    Team {
        /// The action and the texts as typed.
        values: FormValues,
        /// The secret, or why nothing was changed.
        result: Result<Box<IssuedSecret>, Box<Problem>>,
    },
    /// An admin opens the draft of a failed request again.
    Reopened {
        /// The draft of the last attempt.
        draft: Box<Draft>,
        /// The idempotency key of the request.
        key: String,
        /// The number of failed attempts.
        attempts: u32,
    },
}
