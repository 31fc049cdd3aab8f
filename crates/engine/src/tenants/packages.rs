//! The packages that a tenant sells.

mod checked;
mod stored;

use domain::{
    ErrorCode, FieldProblem, Problem,
    catalog::{CatalogKind, Package, SentPackage, derive_slug, parse_slug},
    idempotency_key::IdempotencyKey,
    slug::Slug,
};
use serde_json::{Value, json};

use self::checked::CheckedPackage;
use super::{
    catalog::{parse_known, parse_new, record_replacement, too_many},
    precondition::{Precondition, Tagged},
    repeated_call::RepeatedCall,
    scope::{Access, Scope, TenantCaller},
};
use crate::{Engine, Error};

/// A call that creates a package.
#[derive(Debug)]
pub struct PackageCreation<'a> {
    /// The package.
    pub package: SentPackage,
    /// The slug. `None` to derive the slug from the name.
    pub slug: Option<String>,
    /// A repeated call with the same idempotency key creates nothing.
    pub idempotency_key: &'a IdempotencyKey,
    /// The body, which a repeated call sends again.
    pub body: &'a Value,
}

/// Returns the packages of a tenant in their order.
///
/// # Errors
/// See [`TenantCaller::begin`]; the database's error.
pub async fn list_packages(engine: &Engine, by: &TenantCaller) -> Result<Vec<Package>, Error> {
    by.run(engine, Access::Read, async |scope| stored::read(scope, None).await).await
}

/// Returns a package of a tenant.
///
/// # Errors
/// See [`TenantCaller::begin`]; `RESOURCE_NOT_FOUND`; the database's error.
pub async fn find_package(engine: &Engine, by: &TenantCaller, slug: &str) -> Result<Tagged<Package>, Error> {
    by.run(engine, Access::Read, async |scope| {
        let found = stored::find(scope, &parse_known(slug)?).await?;
        found.ok_or_else(|| ErrorCode::ResourceNotFound.into())
    })
    .await
}

/// Creates a package. Returns it, and whether an earlier call with the same idempotency key created it.
/// Audited.
///
/// # Errors
/// See [`TenantCaller::begin`]; `VALIDATION_ERROR` with the problems of all fields; `DUPLICATE_KEY` if a
/// package has the slug; `IDEMPOTENCY_KEY_REUSED`; `INVALID_TRANSITION` if the tenant has too many packages;
/// the database's error.
pub async fn create_package(
    engine: &Engine,
    by: &TenantCaller,
    creation: PackageCreation<'_>,
) -> Result<(Tagged<Package>, bool), Error> {
    let call = RepeatedCall::new(engine, creation.idempotency_key, creation.body);
    by.run(engine, Access::Change, async |scope| {
        if let Some(package) = call.find_response(&mut scope.transaction, scope.tenant.id).await? {
            return Ok((Tagged::new(package)?, true));
        }
        let mut package = creation.package;
        let sent_slug = creation.slug.as_deref().map(parse_slug).transpose();
        let sent_slug = sent_slug.map_err(|problem| package.fields.problems.push(problem)).ok().flatten();
        let package = CheckedPackage::check(scope, package).await?;
        let slug = match sent_slug.or_else(|| derive_slug(&package.fields.name)) {
            Some(slug) => slug,
            None => number_slug(scope).await?,
        };
        if stored::find(scope, &slug).await?.is_some() {
            let message = format!("The package {slug} exists. Send another slug, or replace it with PUT.");
            let errors = vec![FieldProblem::new("slug", "taken", &message)];
            let constraint = Some("packages_slug_key".to_owned());
            return Err(Problem { errors, constraint, ..ErrorCode::DuplicateKey.into() }.into());
        }
        let (created, _) = store(scope, &slug, None, &package).await?;
        call.store_response(&mut scope.transaction, scope.tenant.id, &created.value).await?;
        Ok((created, false))
    })
    .await
}

/// Creates a package, or replaces the one with this slug. Returns the package and whether it is new. Audited.
///
/// # Errors
/// See [`TenantCaller::begin`]; `PRECONDITION_FAILED`; `VALIDATION_ERROR` with the problems of all fields;
/// `INVALID_TRANSITION` if the tenant has too many packages; the database's error.
pub async fn replace_package(
    engine: &Engine,
    by: &TenantCaller,
    slug: &str,
    precondition: &Precondition,
    package: SentPackage,
) -> Result<(Tagged<Package>, bool), Error> {
    by.run(engine, Access::Change, async |scope| {
        let slug = parse_new(slug)?;
        let current = stored::find(scope, &slug).await?;
        precondition.check(current.as_ref())?;
        let package = CheckedPackage::check(scope, package).await?;
        store(scope, &slug, current, &package).await
    })
    .await
}

/// Deletes a package. Audited.
///
/// # Errors
/// See [`TenantCaller::begin`]; `RESOURCE_NOT_FOUND`; `PRECONDITION_FAILED`; `INVALID_TRANSITION` for the last
/// package; the database's error.
pub async fn delete_package(
    engine: &Engine,
    by: &TenantCaller,
    slug: &str,
    precondition: &Precondition,
) -> Result<(), Error> {
    by.run(engine, Access::Change, async |scope| {
        let current = stored::find(scope, &parse_known(slug)?).await?;
        let current = current.ok_or(ErrorCode::ResourceNotFound)?;
        precondition.check(Some(&current))?;
        if stored::count(scope).await? == 1 {
            let message = "A tenant keeps at least one package. Set `active` to false instead.";
            let errors = vec![FieldProblem::new("", "last_package", message)];
            return Err(Problem { errors, ..ErrorCode::InvalidTransition.into() }.into());
        }
        stored::delete(scope, current.value.id).await?;
        scope.record("package.deleted", Some(json!(current.value)), None).await
    })
    .await
}

/// The slug of a package whose name has none: `package-` and the next number that is free.
async fn number_slug(scope: &mut Scope) -> Result<Slug, Error> {
    let taken: Vec<String> =
        stored::read(scope, None).await?.into_iter().map(|package| package.slug).collect();
    parse_new(&CatalogKind::Package.free_slug(&taken))
}

/// Stores a package and records the change, if there is one. Returns the package, and whether it is new.
async fn store(
    scope: &mut Scope,
    slug: &Slug,
    current: Option<Tagged<Package>>,
    package: &CheckedPackage,
) -> Result<(Tagged<Package>, bool), Error> {
    let is_new = current.is_none();
    if is_new && stored::count(scope).await? >= domain::catalog::MAX_ENTRIES.into() {
        return Err(too_many("packages").into());
    }
    stored::store(scope, slug, package).await?;
    let stored = stored::find(scope, slug).await?.ok_or(ErrorCode::ResourceNotFound)?;
    record_replacement(scope, "package", current, &stored).await?;
    Ok((stored, is_new))
}
