//! The JSON API: for admins under `/api/v1/admin`, for the programs of tenants under `/api/v1`
//! (`docs/specification.md`, section 8). "Add an endpoint" in CONTRIBUTING.md lists the steps for a new
//! route.

mod audit;
mod availability;
mod body_rules;
mod branding;
mod dead_step_actions;
mod domains;
mod employees;
mod entity_tag;
mod events;
mod examples;
mod export;
mod export_file;
mod filtered_list;
mod idempotency;
mod imports;
mod invitations;
mod json_body;
mod json_fields;
mod keys;
mod lifecycle;
mod list;
mod own_tenant;
mod package_body;
mod packages;
mod parameters;
mod password;
mod query_parameters;
mod registry;
mod registry_export;
mod requests;
mod segments;
mod sessions;
mod settings;
mod sign_up;
mod tenant_export;
mod tenants;
mod tokens;
mod usage;

use domain::{
    ErrorCode::{
        self, ConnectorFailed, ConnectorTimeout, ConstraintViolation, DuplicateKey, DuplicateRequest,
        DuplicateSlug, EmailUnavailable, EmailValidationFailed, Forbidden, ForeignKeyViolation,
        IdempotencyKeyInvalid, IdempotencyKeyMissing, IdempotencyKeyReused, InvalidSlug, InvalidTransition,
        InvitationAccepted, KeyReplaced, OwnerCreationFailed, PreconditionFailed, PreconditionRequired,
        QuotaExceeded, RateLimited, RequestInProgress, ResourceNotFound, TenantNotActive, TenantNotFound,
        TenantSuspended, Unauthenticated, ValidationError,
    },
    paths::{ADMIN_API, API},
};
use utoipa_axum::routes;

pub(crate) use self::imports::missing_archive;
use super::openapi::described_routes::DescribedRoutes;

/// The refusals of an idempotency key.
const IDEMPOTENCY: [ErrorCode; 3] = [IdempotencyKeyMissing, IdempotencyKeyInvalid, IdempotencyKeyReused];

/// The refusals of a call that replaces another version than the current one.
const PRECONDITION: [ErrorCode; 2] = [PreconditionRequired, PreconditionFailed];

/// The routes that the middleware `authenticate` protects, with their refusals.
pub(crate) fn authenticated_routes() -> DescribedRoutes {
    let admin = DescribedRoutes::default()
        .add(routes!(availability::slug), &[Forbidden, InvalidSlug, ValidationError])
        .add(routes!(availability::email), &[Forbidden, EmailValidationFailed, ValidationError])
        .merge(request_routes())
        .merge(tenant_routes())
        .merge(import_routes())
        .add(routes!(audit::list), &[Forbidden, ValidationError])
        .add(routes!(audit::download), &[Forbidden, ValidationError])
        .merge(access_routes());
    admin.below(ADMIN_API).with_scopes()
}

/// The routes of the history, and of the actions on a dead step.
fn request_routes() -> DescribedRoutes {
    let stream = [ResourceNotFound, ValidationError, RateLimited];
    let action = [Forbidden, ResourceNotFound, InvalidTransition];
    let undo = [&action[..], &[ConnectorFailed, ConnectorTimeout]].concat();
    DescribedRoutes::default()
        .add(routes!(requests::list), &[ValidationError])
        .add(routes!(export::download), &[Forbidden, ValidationError])
        .add(routes!(requests::show), &[ResourceNotFound])
        .add(routes!(requests::show_by_key), &[IdempotencyKeyInvalid, ResourceNotFound])
        .add(routes!(events::follow), &stream)
        .add(routes!(events::follow_by_key), &[&stream[..], &[IdempotencyKeyInvalid]].concat())
        .add(routes!(dead_step_actions::retry), &action)
        .add(routes!(dead_step_actions::skip), &undo)
        .add(routes!(dead_step_actions::rollback), &undo)
}

/// The routes of the registry, and of the keys and the invitations of a tenant.
fn tenant_routes() -> DescribedRoutes {
    let list = [Forbidden, TenantNotFound, ResourceNotFound, ValidationError];
    let item = [Forbidden, TenantNotFound, ResourceNotFound];
    let invitation = [&item[..], &[InvitationAccepted]].concat();
    let create = [&list[..], &IDEMPOTENCY, &[DuplicateKey, InvalidTransition]].concat();
    let invite =
        [&list[..], &IDEMPOTENCY, &[DuplicateKey, EmailUnavailable, EmailValidationFailed, QuotaExceeded]]
            .concat();
    DescribedRoutes::default()
        .add(routes!(registry::list), &[ValidationError])
        .add(routes!(registry_export::download), &[Forbidden, ValidationError])
        .add(routes!(registry::show), &[TenantNotFound, ResourceNotFound])
        .add(routes!(tenant_export::download), &item)
        .merge(lifecycle_routes())
        .add(routes!(keys::list), &list)
        .add(routes!(keys::create), &create)
        .add(routes!(keys::rotate), &[&item[..], &IDEMPOTENCY, &[KeyReplaced]].concat())
        .add(routes!(keys::revoke), &item)
        .add(routes!(domains::list), &[TenantNotFound, ResourceNotFound])
        .add(routes!(domains::add), &create)
        .add(routes!(domains::verify), &item)
        .add(routes!(domains::remove), &item)
        .add(routes!(invitations::list), &list)
        .add(routes!(invitations::create), &invite)
        .add(routes!(invitations::resend), &invitation)
        .add(routes!(invitations::revoke), &invitation)
        .add(routes!(settings::show), &[TenantNotFound, ResourceNotFound])
        .add(routes!(settings::replace), &[&item[..], &PRECONDITION, &[InvalidTransition]].concat())
        .add(routes!(branding::show), &[TenantNotFound, ResourceNotFound])
        .add(routes!(branding::replace), &[&item[..], &PRECONDITION].concat())
}

/// The routes for the programs of tenants, which authenticate with a secret key. Their transactions
/// authenticate the key, so that a call needs few round trips to the database.
pub(crate) fn tenant_program_routes() -> DescribedRoutes {
    let refused = [TenantSuspended, TenantNotActive];
    let with = |codes: &[ErrorCode]| [&refused[..], codes].concat();
    let replace = with(&[InvalidSlug, ResourceNotFound, PreconditionFailed, InvalidTransition]);
    let create = [&IDEMPOTENCY[..], &[InvalidSlug, DuplicateKey, InvalidTransition]].concat();
    DescribedRoutes::default()
        .add(routes!(own_tenant::show), &refused)
        .add(routes!(settings::show_own), &refused)
        .add(routes!(settings::replace_own), &with(&[&PRECONDITION[..], &[InvalidTransition]].concat()))
        .add(routes!(branding::show_own), &refused)
        .add(routes!(branding::replace_own), &with(&PRECONDITION))
        .add(routes!(segments::list), &refused)
        .add(routes!(segments::show), &with(&[ResourceNotFound]))
        .add(routes!(segments::replace), &replace)
        .add(routes!(packages::list), &refused)
        .add(routes!(packages::create), &with(&create))
        .add(routes!(packages::show), &with(&[ResourceNotFound]))
        .add(routes!(packages::replace), &replace)
        .add(routes!(packages::delete), &with(&[ResourceNotFound, PreconditionFailed, InvalidTransition]))
        .add(routes!(usage::list), &refused)
        .add(routes!(usage::report), &with(&[&IDEMPOTENCY[..], &[QuotaExceeded]].concat()))
        .add(routes!(keys::rotate_own), &with(&[&IDEMPOTENCY[..], &[KeyReplaced]].concat()))
        .below(API)
}

/// The routes that change the life of a tenant.
fn lifecycle_routes() -> DescribedRoutes {
    let change = [Forbidden, TenantNotFound, ResourceNotFound, InvalidTransition];
    let update =
        [&change[..], &[PreconditionFailed, PreconditionRequired, InvalidSlug, DuplicateSlug]].concat();
    let owner = [&change[..], &[EmailUnavailable]].concat();
    DescribedRoutes::default()
        .add(routes!(lifecycle::update::update), &update)
        .add(routes!(lifecycle::deletion::delete), &change)
        .add(routes!(lifecycle::suspension::suspend), &change)
        .add(routes!(lifecycle::suspension::resume), &change)
        .add(routes!(lifecycle::deletion::restore), &change)
        .add(routes!(lifecycle::activation::activate), &change)
        .add(routes!(lifecycle::activation::decline), &change)
        .add(routes!(lifecycle::owner::set), &owner)
        .add(routes!(lifecycle::owner_account::change), &owner)
}

/// The routes with which people sign up. They need no credential.
pub(crate) fn sign_up_routes() -> DescribedRoutes {
    let open = [Forbidden, ResourceNotFound, RateLimited, ValidationError];
    let with = |codes: &[ErrorCode]| [&open[..], codes].concat();
    let verify = [
        Unauthenticated,
        TenantSuspended,
        InvalidSlug,
        DuplicateSlug,
        EmailUnavailable,
        RequestInProgress,
        OwnerCreationFailed,
        ConstraintViolation,
        ForeignKeyViolation,
        DuplicateKey,
    ];
    DescribedRoutes::default()
        .add_open(routes!(sign_up::request::sign_up), &with(&[InvalidSlug]))
        .add_open(routes!(sign_up::request::resend), &open)
        .add_open(routes!(sign_up::verify::verify), &with(&verify))
        .add_open(routes!(sign_up::slug::check), &with(&[InvalidSlug]))
        .below(API)
}

/// The routes of imports.
fn import_routes() -> DescribedRoutes {
    DescribedRoutes::default()
        .add(routes!(imports::list), &[Forbidden, ValidationError])
        .add(routes!(imports::upload), &[&IDEMPOTENCY[..], &[Forbidden]].concat())
        .add(routes!(imports::show), &[Forbidden, ResourceNotFound, ValidationError])
        .add(routes!(imports::report), &[Forbidden, ResourceNotFound, ValidationError])
}

/// The routes that manage employees, admin tokens and sessions.
fn access_routes() -> DescribedRoutes {
    let change = [Forbidden, ResourceNotFound, InvalidTransition];
    DescribedRoutes::default()
        .add(routes!(employees::list), &[Forbidden, ValidationError])
        .add(routes!(employees::invite), &[&IDEMPOTENCY[..], &[Forbidden, EmailUnavailable]].concat())
        .add(routes!(employees::update), &change)
        .add(routes!(employees::renew_setup_link, employees::revoke_setup_link), &change)
        .add(routes!(employees::reset_password), &[&change[..], &[RateLimited]].concat())
        .add(routes!(employees::end_sessions), &[Forbidden, ResourceNotFound])
        .add(routes!(tokens::list), &[ValidationError])
        .add(routes!(tokens::create), &[&IDEMPOTENCY[..], &[Forbidden, InvalidTransition]].concat())
        .add(routes!(tokens::revoke), &[Forbidden, ResourceNotFound])
        .add(routes!(sessions::list), &[ValidationError])
        .add(routes!(sessions::end_others), &[Forbidden])
        .add(routes!(sessions::end), &[Forbidden, ResourceNotFound])
        .add(routes!(password::change), &[Forbidden, RateLimited])
}

/// The route that provisions. Its handler authenticates the sender, so that a call with a token needs one
/// round trip to the database.
pub(crate) fn provisioning_route() -> DescribedRoutes {
    let codes = [
        Forbidden,
        InvalidSlug,
        EmailValidationFailed,
        DuplicateSlug,
        EmailUnavailable,
        DuplicateRequest,
        RequestInProgress,
        OwnerCreationFailed,
        ConstraintViolation,
        ForeignKeyViolation,
        DuplicateKey,
    ];
    DescribedRoutes::default()
        .add(routes!(tenants::create), &[&IDEMPOTENCY[..], &codes].concat())
        .below(ADMIN_API)
        .with_scopes()
}
