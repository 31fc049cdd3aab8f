use domain::{
    catalog::{Package, format_price},
    defaults::{BookingType, Currency},
    slug::Slug,
};
use uuid::Uuid;

use super::checked::CheckedPackage;
use crate::{
    Error,
    tenants::{precondition::Tagged, scope::Scope},
};

pub(super) async fn find(scope: &mut Scope, slug: &Slug) -> Result<Option<Tagged<Package>>, Error> {
    read(scope, Some(slug)).await?.into_iter().next().map(Tagged::new).transpose()
}

/// Returns the packages in their order. With a `slug`, at most the package with this slug.
pub(super) async fn read(scope: &mut Scope, slug: Option<&Slug>) -> Result<Vec<Package>, Error> {
    let rows = sqlx::query!(
        "SELECT p.id, p.slug, p.name, p.description, p.base_price, p.booking_type, p.grouping_order, p.active,
             g.slug AS segment, s.currency
         FROM packages p JOIN segments g ON g.tenant_id = p.tenant_id AND g.id = p.segment_id
         JOIN tenant_settings s ON s.tenant_id = p.tenant_id
         WHERE p.tenant_id = $1 AND ($2::text IS NULL OR p.slug = $2) ORDER BY p.grouping_order, p.slug",
        scope.tenant.id,
        slug.map(Slug::as_str)
    )
    .fetch_all(&mut scope.transaction)
    .await?;
    let packages = rows.into_iter().map(|row| {
        let unexpected = |text: &str| Error::UnexpectedResponse(format!("package: {text}"));
        let currency = Currency::parse(&row.currency).map_err(|_| unexpected(&row.currency))?;
        Ok(Package {
            id: row.id,
            slug: row.slug,
            name: row.name,
            description: row.description,
            base_price: row.base_price,
            price: format_price(row.base_price, currency),
            currency: row.currency,
            booking_type: BookingType::from_text(&row.booking_type)
                .ok_or_else(|| unexpected(&row.booking_type))?,
            grouping_order: row.grouping_order,
            active: row.active,
            segment: row.segment,
        })
    });
    packages.collect()
}

pub(super) async fn count(scope: &mut Scope) -> Result<i64, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM packages WHERE tenant_id = $1"#,
        scope.tenant.id
    );
    Ok(count.fetch_one(&mut scope.transaction).await?)
}

/// Inserts a package, or updates the one with this slug.
pub(super) async fn store(scope: &mut Scope, slug: &Slug, package: &CheckedPackage) -> Result<(), Error> {
    let CheckedPackage { fields, price, segment_id } = package;
    sqlx::query!(
        "INSERT INTO packages
             (tenant_id, slug, segment_id, name, description, base_price, booking_type, grouping_order, active)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (tenant_id, slug) DO UPDATE SET
             segment_id = excluded.segment_id, name = excluded.name, description = excluded.description,
             base_price = excluded.base_price, booking_type = excluded.booking_type,
             grouping_order = excluded.grouping_order, active = excluded.active",
        scope.tenant.id,
        slug.as_str(),
        segment_id,
        fields.name,
        fields.description,
        price,
        fields.booking_type.as_str(),
        fields.grouping_order,
        fields.active
    )
    .execute(&mut scope.transaction)
    .await?;
    Ok(())
}

pub(super) async fn delete(scope: &mut Scope, id: Uuid) -> Result<(), Error> {
    sqlx::query!("DELETE FROM packages WHERE tenant_id = $1 AND id = $2", scope.tenant.id, id)
        .execute(&mut scope.transaction)
        .await?;
    Ok(())
}
