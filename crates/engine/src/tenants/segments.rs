use domain::{
    ErrorCode,
    catalog::{MAX_ENTRIES, NewSegment, Segment},
    field::Parsed,
    slug::Slug,
};

use super::{
    catalog::{parse_known, parse_new, record_replacement, too_many},
    precondition::{Precondition, Tagged},
    scope::{Access, Scope, TenantCaller},
};
use crate::{Engine, Error};

/// Returns the segments of a tenant in their order.
///
/// # Errors
/// See [`TenantCaller::begin`]; the database's error.
pub async fn list_segments(engine: &Engine, by: &TenantCaller) -> Result<Vec<Segment>, Error> {
    by.run(engine, Access::Read, async |scope| read(scope, None).await).await
}

/// Returns a segment of a tenant.
///
/// # Errors
/// See [`TenantCaller::begin`]; `RESOURCE_NOT_FOUND`; the database's error.
pub async fn find_segment(engine: &Engine, by: &TenantCaller, slug: &str) -> Result<Tagged<Segment>, Error> {
    by.run(engine, Access::Read, async |scope| {
        let found = find(scope, &parse_known(slug)?).await?;
        found.ok_or_else(|| ErrorCode::ResourceNotFound.into())
    })
    .await
}

/// Creates a segment, or replaces the one with this slug. Returns the segment and whether it is new. Audited.
///
/// # Errors
/// See [`TenantCaller::begin`]; `PRECONDITION_FAILED`; `VALIDATION_ERROR` with the problems of all fields;
/// `INVALID_TRANSITION` if the tenant has too many segments; the database's error.
pub async fn replace_segment(
    engine: &Engine,
    by: &TenantCaller,
    slug: &str,
    precondition: &Precondition,
    new: Parsed<NewSegment>,
) -> Result<(Tagged<Segment>, bool), Error> {
    by.run(engine, Access::Change, async |scope| {
        let slug = parse_new(slug)?;
        let current = find(scope, &slug).await?;
        precondition.check(current.as_ref())?;
        let new = new.into_result()?;
        if current.is_none() {
            check_count(scope).await?;
        }
        store(scope, &slug, &new).await?;
        let stored = find(scope, &slug).await?.ok_or(ErrorCode::ResourceNotFound)?;
        let is_new = current.is_none();
        record_replacement(scope, "segment", current, &stored).await?;
        Ok((stored, is_new))
    })
    .await
}

async fn find(scope: &mut Scope, slug: &Slug) -> Result<Option<Tagged<Segment>>, Error> {
    read(scope, Some(slug)).await?.into_iter().next().map(Tagged::new).transpose()
}

/// Returns the segments in their order. With a `slug`, at most the segment with this slug.
async fn read(scope: &mut Scope, slug: Option<&Slug>) -> Result<Vec<Segment>, Error> {
    Ok(sqlx::query_as!(
        Segment,
        "SELECT id, slug, name, hero_title, description, sort_order, active FROM segments
         WHERE tenant_id = $1 AND ($2::text IS NULL OR slug = $2) ORDER BY sort_order, slug",
        scope.tenant.id,
        slug.map(Slug::as_str)
    )
    .fetch_all(&mut scope.transaction)
    .await?)
}

async fn store(scope: &mut Scope, slug: &Slug, new: &NewSegment) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO segments (tenant_id, slug, name, hero_title, description, sort_order, active)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (tenant_id, slug) DO UPDATE SET
             name = excluded.name, hero_title = excluded.hero_title, description = excluded.description,
             sort_order = excluded.sort_order, active = excluded.active",
        scope.tenant.id,
        slug.as_str(),
        new.name,
        new.hero_title,
        new.description,
        new.sort_order,
        new.active
    )
    .execute(&mut scope.transaction)
    .await?;
    Ok(())
}

/// Fails if the tenant has the maximum number of segments.
async fn check_count(scope: &mut Scope) -> Result<(), Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM segments WHERE tenant_id = $1"#,
        scope.tenant.id
    )
    .fetch_one(&mut scope.transaction)
    .await?;
    if count < MAX_ENTRIES.into() { Ok(()) } else { Err(too_many("segments").into()) }
}
