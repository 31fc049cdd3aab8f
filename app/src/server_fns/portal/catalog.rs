use domain::{catalog::CatalogKind, tenant_form::FormValues};
use leptos::prelude::*;

use super::{CatalogContent, PortalContent};
use crate::{Failure, codec::Json, server_fns::IssuedSecrets};

/// The segments of a tenant.
///
/// # Errors
/// See [`portal_status`](super::portal_status).
#[server(prefix = "/api/fn", endpoint = "open_portal_segments", input = Json, output = Json)]
pub async fn open_segments(tenant: String) -> Result<PortalContent<CatalogContent>, Failure> {
    super::caller::Opened::find(&tenant).await?.with(save::read_segments).await
}

/// The packages of a tenant.
///
/// # Errors
/// See [`portal_status`](super::portal_status).
#[server(prefix = "/api/fn", endpoint = "open_portal_packages", input = Json, output = Json)]
pub async fn open_packages(tenant: String) -> Result<PortalContent<CatalogContent>, Failure> {
    super::caller::Opened::find(&tenant).await?.with(save::read_packages).await
}

/// Does what a form of the catalog says, for employees and for members. `values` has the action, the slug and
/// the fields.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `TENANT_NOT_FOUND`, `TENANT_SUSPENDED`, `RESOURCE_NOT_FOUND`,
/// `VALIDATION_ERROR` with the problems of all fields, `PRECONDITION_FAILED` for another version,
/// `INVALID_TRANSITION`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "change_catalog", input = Json, output = Json)]
pub async fn change_catalog(
    tenant: String,
    kind: CatalogKind,
    values: FormValues,
) -> Result<IssuedSecrets, Failure> {
    use super::caller::tenant_caller;
    use crate::server_context::{console, respond_with_error};
    let caller = tenant_caller(&tenant)?;
    save_catalog_form(&console()?.engine, &caller, kind, &values).await.map_err(respond_with_error)?;
    Ok(IssuedSecrets::default())
}

#[cfg(feature = "ssr")]
pub use self::save::save_catalog_form;

#[cfg(feature = "ssr")]
mod save {
    use domain::{
        ErrorCode, FieldProblem, Problem,
        catalog::{
            CatalogAction, CatalogKind, NewSegment, Package, PackageNumbers, Segment, SentPackage,
            package_from_form, segment_from_form,
        },
        tenant_form::FormValues,
    };
    use engine::{
        Engine, Error,
        tenants::{
            Precondition, Tagged, TenantCaller, delete_package, find_package, find_segment, find_settings,
            list_packages, list_segments, replace_package, replace_segment,
        },
    };
    use leptos::prelude::use_context;
    use serde::Serialize;

    use super::CatalogContent;
    use crate::{FormResult, server_fns::PostedForm};

    /// The content of the page of segments.
    pub(super) async fn read_segments(
        engine: &Engine,
        caller: &TenantCaller,
    ) -> Result<CatalogContent, Error> {
        let content = read(engine, caller).await?;
        let versions = content.segments.iter().map(|segment| Ok((segment.slug.clone(), etag(segment)?)));
        let versions = versions.collect::<Result<Vec<_>, Error>>()?.into();
        Ok(CatalogContent { versions, ..content })
    }

    /// The content of the page of packages.
    pub(super) async fn read_packages(
        engine: &Engine,
        caller: &TenantCaller,
    ) -> Result<CatalogContent, Error> {
        let content = read(engine, caller).await?;
        let versions = content.packages.iter().map(|package| Ok((package.slug.clone(), etag(package)?)));
        let versions = versions.collect::<Result<Vec<_>, Error>>()?.into();
        Ok(CatalogContent { versions, ..content })
    }

    /// The entity tag of an entry, as [`find_segment`] and [`find_package`] return it.
    fn etag(entry: &(impl Serialize + Clone)) -> Result<String, Error> {
        Ok(Tagged::new(entry.clone())?.etag)
    }

    /// The segments and packages of a tenant, and the form that this request has posted, if it was refused.
    async fn read(engine: &Engine, caller: &TenantCaller) -> Result<CatalogContent, Error> {
        let posted = match use_context() {
            Some(FormResult::Catalog { values, problem }) => {
                let posted = PostedForm { version: String::new(), values, failure: problem.into() };
                serde_json::to_string(&posted).unwrap_or_default()
            }
            _ => String::new(),
        };
        Ok(CatalogContent {
            segments: list_segments(engine, caller).await?,
            packages: list_packages(engine, caller).await?,
            versions: FormValues::default(),
            currency: find_settings(engine, caller).await?.value.currency,
            posted,
        })
    }

    /// Does what a form of the catalog says.
    ///
    /// # Errors
    /// See [`change_catalog`](super::change_catalog).
    pub async fn save_catalog_form(
        engine: &Engine,
        caller: &TenantCaller,
        kind: CatalogKind,
        values: &FormValues,
    ) -> Result<(), Error> {
        let slug = values.get("slug").unwrap_or_default();
        let action = CatalogAction::from_text(values.get("action").unwrap_or_default());
        match (action, kind) {
            (Some(CatalogAction::Save), CatalogKind::Segment) => {
                save_segment(engine, caller, slug, values).await
            }
            (Some(CatalogAction::Save), CatalogKind::Package) => {
                save_package(engine, caller, slug, values).await
            }
            (Some(action @ (CatalogAction::Show | CatalogAction::Hide)), kind) => {
                set_visible(engine, caller, kind, slug, action == CatalogAction::Show).await
            }
            (Some(action @ (CatalogAction::Up | CatalogAction::Down)), kind) => {
                move_entry(engine, caller, kind, slug, action == CatalogAction::Up).await
            }
            (Some(CatalogAction::Delete), CatalogKind::Package) => {
                delete_package(engine, caller, slug, &Precondition::Missing).await
            }
            _ => Err(refused("action", "unknown", "Open the page again, and send the form once more.")),
        }
    }

    async fn save_segment(
        engine: &Engine,
        caller: &TenantCaller,
        slug: &str,
        values: &FormValues,
    ) -> Result<(), Error> {
        let mut new = segment_from_form(values);
        if !slug.is_empty() {
            let precondition = version(values);
            let current = find_segment(engine, caller, slug).await?.value;
            new.value.iter_mut().for_each(|new| new.sort_order = current.sort_order);
            replace_segment(engine, caller, slug, &precondition, new).await?;
            return Ok(());
        }
        let others = list_segments(engine, caller).await?;
        let last = others.iter().map(|segment| segment.sort_order).max().unwrap_or_default();
        new.value.iter_mut().for_each(|new| new.sort_order = last.saturating_add(1));
        let taken: Vec<_> = others.into_iter().map(|segment| segment.slug).collect();
        let slug = CatalogKind::Segment.new_slug(values.get("name").unwrap_or_default(), &taken);
        let saved = replace_segment(engine, caller, &slug, &Precondition::Absent, new).await;
        saved.map(|_| ()).map_err(|error| name_taken(error, "segment"))
    }

    async fn save_package(
        engine: &Engine,
        caller: &TenantCaller,
        slug: &str,
        values: &FormValues,
    ) -> Result<(), Error> {
        let mut package = package_from_form(values);
        let order = |package: &mut SentPackage, order: i32| {
            package.fields.value.iter_mut().for_each(|fields| fields.grouping_order = order);
        };
        if !slug.is_empty() {
            let current = find_package(engine, caller, slug).await?.value;
            order(&mut package, current.grouping_order);
            replace_package(engine, caller, slug, &version(values), package).await?;
            return Ok(());
        }
        let others = list_packages(engine, caller).await?;
        let last = others.iter().map(|package| package.grouping_order).max().unwrap_or_default();
        order(&mut package, last.saturating_add(1));
        let taken: Vec<_> = others.into_iter().map(|package| package.slug).collect();
        let slug = CatalogKind::Package.new_slug(values.get("name").unwrap_or_default(), &taken);
        let saved = replace_package(engine, caller, &slug, &Precondition::Absent, package).await;
        saved.map(|_| ()).map_err(|error| name_taken(error, "package"))
    }

    /// Moves an entry past its neighbour. The positions become 1, 2, 3 and so on. Fails if another call changes
    /// one of the moved entries at the same time, so that no change is lost.
    async fn move_entry(
        engine: &Engine,
        caller: &TenantCaller,
        kind: CatalogKind,
        slug: &str,
        is_up: bool,
    ) -> Result<(), Error> {
        match kind {
            CatalogKind::Segment => {
                let mut entries = list_segments(engine, caller).await?;
                swap(&mut entries, |segment| segment.slug == slug, is_up)?;
                for (entry, order) in entries.into_iter().zip(1..) {
                    if entry.sort_order != order {
                        let (slug, version) = (entry.slug.clone(), Precondition::OneOf(vec![etag(&entry)?]));
                        let new = unchanged_segment(Segment { sort_order: order, ..entry });
                        replace_segment(engine, caller, &slug, &version, new).await?;
                    }
                }
            }
            CatalogKind::Package => {
                let mut entries = list_packages(engine, caller).await?;
                swap(&mut entries, |package| package.slug == slug, is_up)?;
                for (entry, order) in entries.into_iter().zip(1..) {
                    if entry.grouping_order != order {
                        let (slug, version) = (entry.slug.clone(), Precondition::OneOf(vec![etag(&entry)?]));
                        let new = unchanged_package(Package { grouping_order: order, ..entry });
                        replace_package(engine, caller, &slug, &version, new).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Swaps an entry with the one before or after it. The first one cannot move up, nor the last one down.
    fn swap<T>(entries: &mut [T], is_entry: impl Fn(&T) -> bool, is_up: bool) -> Result<(), Error> {
        let at = entries.iter().position(is_entry).ok_or(ErrorCode::ResourceNotFound)?;
        let other = if is_up { at.checked_sub(1) } else { Some(at + 1).filter(|to| *to < entries.len()) };
        if let Some(other) = other {
            entries.swap(at, other);
        }
        Ok(())
    }

    async fn set_visible(
        engine: &Engine,
        caller: &TenantCaller,
        kind: CatalogKind,
        slug: &str,
        active: bool,
    ) -> Result<(), Error> {
        match kind {
            CatalogKind::Segment => {
                let found = find_segment(engine, caller, slug).await?;
                let new = unchanged_segment(Segment { active, ..found.value });
                let precondition = Precondition::OneOf(vec![found.etag]);
                replace_segment(engine, caller, slug, &precondition, new).await?;
            }
            CatalogKind::Package => {
                let found = find_package(engine, caller, slug).await?;
                let new = unchanged_package(Package { active, ..found.value });
                let precondition = Precondition::OneOf(vec![found.etag]);
                replace_package(engine, caller, slug, &precondition, new).await?;
            }
        }
        Ok(())
    }

    fn unchanged_segment(segment: Segment) -> domain::field::Parsed<NewSegment> {
        let Segment { name, hero_title, description, sort_order, active, .. } = segment;
        let value = Some(NewSegment { name, hero_title, description, sort_order, active });
        domain::field::Parsed { value, problems: Vec::new() }
    }

    fn unchanged_package(package: Package) -> SentPackage {
        let numbers = PackageNumbers {
            grouping_order: u64::try_from(package.grouping_order).ok(),
            active: Some(package.active),
            ..PackageNumbers::default()
        };
        SentPackage::parse(
            |field| match field {
                "name" => Some(package.name.clone()),
                "description" => Some(package.description.clone()),
                "price" => Some(package.price.clone()),
                "bookingType" => Some(package.booking_type.to_string()),
                "segment" => Some(package.segment.clone()),
                _ => None,
            },
            numbers,
        )
    }

    /// The version that the form has loaded. Any version, if the form names none.
    fn version(values: &FormValues) -> Precondition {
        match values.get("version") {
            Some(version) if !version.is_empty() => Precondition::OneOf(vec![version.to_owned()]),
            _ => Precondition::Any,
        }
    }

    /// Replaces the refusal of a slug that exists with one of the name, which the person has typed.
    fn name_taken(error: Error, kind: &str) -> Error {
        match error.problem().code {
            ErrorCode::PreconditionFailed => {
                let message = format!("Another {kind} has this name or a similar one. Enter another name.");
                refused("name", "taken", &message)
            }
            _ => error,
        }
    }

    fn refused(field: &str, rule: &str, message: &str) -> Error {
        Problem::from_fields(vec![FieldProblem::new(field, rule, message)]).into()
    }
}
