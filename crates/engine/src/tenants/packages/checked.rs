use domain::{
    ErrorCode, FieldProblem, Problem,
    catalog::{PackageFields, SentPackage},
    defaults::{Currency, DEFAULT_SEGMENT},
    field::Parsed,
};
use uuid::Uuid;

use crate::{Error, tenants::scope::Scope};

/// A package whose price and segment are valid for its tenant.
#[derive(Debug)]
pub(super) struct CheckedPackage {
    pub fields: PackageFields,
    /// The price in minor units.
    pub price: i64,
    pub segment_id: Uuid,
}

impl CheckedPackage {
    /// Checks a package with the data of the tenant.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` with the problems of all fields; the database's error.
    pub(super) async fn check(scope: &mut Scope, sent: SentPackage) -> Result<Self, Error> {
        let SentPackage { fields: Parsed { value, mut problems }, price, segment } = sent;
        let (currency, segment_id) = read(scope, segment.as_deref()).await?;
        let field = price.field();
        let price = price.in_minor_units(currency);
        let price = price.map_err(|problem| problems.push(problem.in_field(field))).ok();
        if segment_id.is_none() {
            let message = "The tenant has no such segment. Send the slug of one of its segments.";
            problems.push(FieldProblem::new("segment", "unknown", message));
        }
        match (value, price, segment_id) {
            (Some(fields), Some(price), Some(segment_id)) if problems.is_empty() => {
                Ok(Self { fields, price, segment_id })
            }
            _ => Err(Problem { errors: problems, ..ErrorCode::ValidationError.into() }.into()),
        }
    }
}

/// Returns the currency of the tenant, and the ID of its segment with this slug or ID.
async fn read(scope: &mut Scope, segment: Option<&str>) -> Result<(Currency, Option<Uuid>), Error> {
    let segment = segment.unwrap_or(DEFAULT_SEGMENT.slug);
    let row = sqlx::query!(
        r#"SELECT s.currency, g.id AS "segment_id?" FROM tenant_settings s
           LEFT JOIN segments g ON g.tenant_id = s.tenant_id AND (g.slug = $2 OR g.id = $3)
           WHERE s.tenant_id = $1 ORDER BY g.slug = $2 DESC NULLS LAST LIMIT 1"#,
        scope.tenant.id,
        // PostgreSQL refuses a text with a null character.
        segment.replace('\0', ""),
        Uuid::try_parse(segment).ok()
    )
    .fetch_one(&mut scope.transaction)
    .await?;
    let currency =
        Currency::parse(&row.currency).map_err(|_| Error::unexpected("currency", &row.currency))?;
    Ok((currency, row.segment_id))
}
