//! Writes all tenants as the folders that an import reads.

use std::collections::{BTreeMap, HashSet};

use domain::{
    import::{CLIENT_FILE, OWNERS_FILE},
    provisioning::{Draft, DraftField},
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    client::{COMMISSION, EXTERNAL_ID, FIELDS},
    existing::{ExistingTenant, read_tenants},
    nested::{get, set},
    slugs::wanted_slug,
    yaml_writer::to_yaml,
};
use crate::{
    Engine, Error,
    access::{Actor, AuditedChange},
};

/// How many tenants one query reads.
const BATCH: i64 = 500;
/// The default commission, in basis points.
const DEFAULT_COMMISSION: i32 = 1_000;
/// The longest external ID that is used as the name of a folder, in bytes. File systems allow 255.
const MAX_FOLDER: usize = 200;
const SECTIONS: [&str; 4] = ["client", "branding", "email", "infrastructure"];

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFile {
    /// The path below the directory of the export, with `/`.
    pub path: String,
    /// The content.
    pub content: String,
}

/// Returns the files of an export: the `client.yaml` of each tenant that is not deleted, and the owners file.
/// Secrets are references. The same tenants always give the same files. Audited.
///
/// # Errors
/// `FORBIDDEN`; the database's error.
pub async fn export_clients(engine: &Engine, by: &Actor) -> Result<Vec<ExportedFile>, Error> {
    by.require_provisioning()?;
    let tenants = read_all(engine).await?;
    let folders = folder_names(&tenants);
    let mut files = Vec::with_capacity(tenants.len() + 1);
    for (tenant, folder) in tenants.iter().zip(&folders) {
        let path = format!("{folder}/{CLIENT_FILE}");
        files.push(ExportedFile { path, content: to_yaml(&to_values(tenant, folder), &SECTIONS) });
    }
    files.push(owners_file(engine, &tenants, &folders).await?);
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let change = AuditedChange {
        action: "tenants.exported",
        subject_kind: "import",
        subject_id: None,
        request_id: None,
        before: None,
        after: Some(serde_json::json!({ "tenants": tenants.len() })),
    };
    let mut transaction = engine.pool().begin().await?;
    change.record(&mut transaction, by).await?;
    transaction.commit().await?;
    Ok(files)
}

async fn read_all(engine: &Engine) -> Result<Vec<ExistingTenant>, Error> {
    let (mut tenants, mut after) = (Vec::new(), Uuid::nil());
    loop {
        let ids = sqlx::query_scalar!(
            "SELECT id FROM tenants WHERE id > $1 AND status <> 'deleted' AND purged_at IS NULL ORDER BY id LIMIT $2",
            after,
            BATCH
        )
        .fetch_all(&engine.pool())
        .await?;
        let Some(last) = ids.last() else { break };
        after = *last;
        tenants.extend(read_tenants(engine, &ids).await?);
    }
    tenants.sort_by_key(|tenant| (tenant.code.len(), tenant.code.clone()));
    Ok(tenants)
}

/// The name of the folder of each tenant: its external ID if this is a safe name, and otherwise its code.
fn folder_names(tenants: &[ExistingTenant]) -> Vec<String> {
    let mut used: HashSet<String> = HashSet::new();
    let mut names: Vec<Option<String>> = Vec::with_capacity(tenants.len());
    for tenant in tenants {
        let safe = tenant.external_id.as_ref().filter(|id| is_folder_name(id));
        // File systems that ignore case would mix two folders.
        names.push(safe.filter(|id| used.insert(id.to_lowercase())).cloned());
    }
    let fallback = |tenant: &ExistingTenant, used: &mut HashSet<String>| {
        let numbered = (2..).map(|number: u64| format!("{}-{number}", tenant.code));
        std::iter::once(tenant.code.clone())
            .chain(numbered)
            .find(|name| used.insert(name.to_lowercase()))
            .unwrap_or_default()
    };
    let named = names.into_iter().zip(tenants);
    named.map(|(name, tenant)| name.unwrap_or_else(|| fallback(tenant, &mut used))).collect()
}

/// Whether a text can be the name of a folder on every system.
fn is_folder_name(text: &str) -> bool {
    text.len() <= MAX_FOLDER
        && !text.starts_with(['.', ' ', '-'])
        && !text.ends_with(['.', ' '])
        && text != "clients"
        && text != OWNERS_FILE
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '@' | '+' | ','))
}

/// The values of a `client.yaml`: those of the tenant, and those that its import kept.
fn to_values(tenant: &ExistingTenant, folder: &str) -> Map<String, Value> {
    let mut values = tenant.values.clone();
    let defaults = Draft::default();
    for (path, field) in FIELDS {
        let value = tenant.fields.get(&field).cloned().flatten();
        let is_default = value.as_deref().unwrap_or_default() == defaults.get(field);
        let is_extension = path.starts_with("tenantry.");
        let is_needed = match field {
            DraftField::Slug => {
                let name = tenant.fields.get(&DraftField::Name).cloned().flatten().unwrap_or_default();
                let id = tenant.external_id.as_deref().unwrap_or(folder);
                wanted_slug(&name, id).ok().is_none_or(|slug| Some(slug.as_str()) != value.as_deref())
            }
            DraftField::Locale => value.as_deref() != Some("en"),
            _ => !is_extension || !is_default,
        };
        // A reference stands for the default until an admin sets a value.
        let is_kept = is_default && get(&values, path).is_some();
        if let Some(value) = value
            && is_needed
            && !is_kept
        {
            set(&mut values, path, value.into());
        }
    }
    if tenant.commission != DEFAULT_COMMISSION {
        set(&mut values, COMMISSION, (f64::from(tenant.commission) / 100.0).to_string().into());
    }
    if let Some(id) = tenant.external_id.as_ref().filter(|id| *id != folder) {
        set(&mut values, EXTERNAL_ID, id.clone().into());
    }
    values
}

/// The owner and the members of each tenant, the owner first.
async fn owners_file(
    engine: &Engine,
    tenants: &[ExistingTenant],
    folders: &[String],
) -> Result<ExportedFile, Error> {
    let ids: Vec<Uuid> =
        tenants.iter().filter(|tenant| tenant.owner.is_some()).map(|tenant| tenant.id).collect();
    let mut people: BTreeMap<Uuid, Vec<[String; 3]>> = BTreeMap::new();
    for batch in ids.chunks(500) {
        let rows = sqlx::query!(
            r#"SELECT m.tenant_id, coalesce(m.invited_email, u.email) AS "email!", coalesce(m.invited_name, u.name) AS "name!",
                 CASE WHEN t.owner_id = u.id THEN 'owner' WHEN m.role = 'owner' THEN 'admin' ELSE m.role END AS "role!"
               FROM memberships m JOIN users u ON u.id = m.user_id JOIN tenants t ON t.id = m.tenant_id
               WHERE m.tenant_id = ANY($1) ORDER BY m.tenant_id, t.owner_id <> u.id, 2"#,
            batch
        )
        .fetch_all(&engine.pool())
        .await?;
        for row in rows {
            people.entry(row.tenant_id).or_default().push([row.email, row.name, row.role]);
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| Error::UnexpectedResponse(error.to_string());
    writer.write_record(["tenant_id", "email", "name", "role"]).map_err(failed)?;
    let mut sorted: Vec<(&String, &ExistingTenant)> = folders.iter().zip(tenants).collect();
    sorted.sort_by_key(|(folder, _)| *folder);
    for (folder, tenant) in sorted {
        for [email, name, role] in people.remove(&tenant.id).unwrap_or_default() {
            writer.write_record([folder.as_str(), &email, &name, &role]).map_err(failed)?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| Error::UnexpectedResponse(error.to_string()))?;
    let content = String::from_utf8(bytes).map_err(|error| Error::UnexpectedResponse(error.to_string()))?;
    Ok(ExportedFile { path: OWNERS_FILE.to_owned(), content })
}
