use std::collections::{BTreeMap, HashMap};

use connectors::EncryptedSecret;
use domain::{TenantStatus, Timestamp, provisioning::DraftField};
use secrecy::SecretString;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Engine, Error};

/// How many tenants one query reads.
const BATCH: usize = 500;

/// A tenant, such as one that has the external ID of a folder.
#[derive(Debug)]
pub(super) struct ExistingTenant {
    pub id: Uuid,
    pub external_id: Option<String>,
    pub code: String,
    pub slug: String,
    pub status: TenantStatus,
    pub created_at: Timestamp,
    /// The canonical address and the address of the owner.
    pub owner: Option<(String, String)>,
    /// The values of the fields that a `client.yaml` can have.
    pub fields: HashMap<DraftField, Option<String>>,
    /// The commission in basis points.
    pub commission: i32,
    /// The values that an earlier import kept.
    pub values: Map<String, Value>,
    /// The members whom an interrupted import has not invited yet.
    pub pending_members: Vec<Value>,
    /// The encrypted secrets of an earlier import, by their paths.
    pub secrets: BTreeMap<String, SecretString>,
}

/// The tenants with these external IDs.
pub(super) async fn find_existing(
    engine: &Engine,
    external_ids: &[String],
) -> Result<HashMap<String, ExistingTenant>, Error> {
    let mut found = HashMap::new();
    for batch in external_ids.chunks(BATCH) {
        let ids = sqlx::query_scalar!(
            "SELECT id FROM tenants WHERE external_id = ANY($1) AND external_id IS NOT NULL AND purged_at IS NULL",
            batch
        )
        .fetch_all(&engine.pool())
        .await?;
        for existing in read_tenants(engine, &ids).await? {
            found.insert(existing.external_id.clone().unwrap_or_default(), existing);
        }
    }
    Ok(found)
}

/// Reads tenants, in the order of their codes.
pub(super) async fn read_tenants(engine: &Engine, ids: &[Uuid]) -> Result<Vec<ExistingTenant>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    let rows = sqlx::query!(
        r#"SELECT t.id, t.code, t.slug, t.name, t.short_name, t.industry, t.external_id, t.status, t.plan,
             t.blueprint, t.commission_basis_points, (extract(epoch FROM t.created_at) * 1000000)::bigint AS "created_us!",
             s.company_name, s.support_email, s.support_phone, s.website_url, s.time_zone, s.currency, s.locale,
             s.email_from_name, s.email_from_address,
             b.theme, b.logo_url, b.color_primary, b.color_secondary, b.color_accent,
             u.email AS "owner_email?", u.email_canonical AS "owner_canonical?",
             v.file_values AS "file_values?", v.pending_members AS "pending_members?"
           FROM tenants t
           JOIN tenant_settings s ON s.tenant_id = t.id
           JOIN tenant_branding b ON b.tenant_id = t.id
           LEFT JOIN users u ON u.id = t.owner_id
           LEFT JOIN tenant_imported_values v ON v.tenant_id = t.id
           WHERE t.id = ANY($1) ORDER BY length(t.code), t.code"#,
        ids
    )
    .fetch_all(&engine.pool())
    .await?;
    let mut secrets = read_secrets(engine, ids).await?;
    for row in rows {
        let status =
            TenantStatus::from_text(&row.status).ok_or_else(|| Error::unexpected("status", &row.status))?;
        let fields = HashMap::from([
            (DraftField::Name, Some(row.name)),
            (DraftField::Slug, Some(row.slug.clone())),
            (DraftField::ShortName, row.short_name),
            (DraftField::Industry, row.industry),
            (DraftField::Plan, Some(row.plan)),
            (DraftField::Blueprint, Some(row.blueprint)),
            (DraftField::CompanyName, row.company_name),
            (DraftField::SupportEmail, row.support_email),
            (DraftField::SupportPhone, row.support_phone),
            (DraftField::WebsiteUrl, row.website_url),
            (DraftField::TimeZone, Some(row.time_zone)),
            (DraftField::Currency, Some(row.currency)),
            (DraftField::Locale, Some(row.locale)),
            (DraftField::EmailFromName, row.email_from_name),
            (DraftField::EmailFromAddress, row.email_from_address),
            (DraftField::Theme, Some(row.theme)),
            (DraftField::LogoUrl, row.logo_url),
            (DraftField::ColorPrimary, Some(row.color_primary)),
            (DraftField::ColorSecondary, Some(row.color_secondary)),
            (DraftField::ColorAccent, Some(row.color_accent)),
        ]);
        let existing = ExistingTenant {
            id: row.id,
            external_id: row.external_id,
            code: row.code,
            slug: row.slug,
            status,
            created_at: Timestamp::from_microseconds(row.created_us),
            owner: row.owner_canonical.zip(row.owner_email),
            fields,
            commission: row.commission_basis_points,
            values: row
                .file_values
                .and_then(|values| serde_json::from_value(values).ok())
                .unwrap_or_default(),
            pending_members: row
                .pending_members
                .and_then(|members| serde_json::from_value(members).ok())
                .unwrap_or_default(),
            secrets: secrets.remove(&row.id).unwrap_or_default(),
        };
        found.push(existing);
    }
    Ok(found)
}

/// The secrets of earlier imports. A secret that cannot be decrypted counts as missing.
async fn read_secrets(
    engine: &Engine,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, BTreeMap<String, SecretString>>, Error> {
    let rows = sqlx::query!(
        "SELECT tenant_id, field, wrapped_key, ciphertext FROM tenant_secrets
         WHERE tenant_id = ANY($1) AND starts_with(field, 'import:')",
        ids
    )
    .fetch_all(&engine.pool())
    .await?;
    let mut secrets: HashMap<Uuid, BTreeMap<String, SecretString>> = HashMap::new();
    for row in rows {
        let sealed = EncryptedSecret { wrapped_key: row.wrapped_key, ciphertext: row.ciphertext };
        if let (Ok(secret), Some(path)) =
            (engine.vault().open(row.tenant_id, &row.field, &sealed), row.field.strip_prefix("import:"))
        {
            secrets.entry(row.tenant_id).or_default().insert(path.to_owned(), secret);
        }
    }
    Ok(secrets)
}
