//! Everything that the registry holds of one tenant, as one JSON document: "the data can be exported before"
//! the purge (docs/specification.md, section 7). The SQL function `export_tenant` reads the rows, except for
//! the audit entries, which are read in pages, because one statement that reads all of them could exceed the
//! statement timeout. This module gives the rows the names that the API uses.

use database::Transaction;
use domain::ErrorCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::lookup::find_tenant_or_deleted;
use crate::{
    Engine, Error,
    access::{Actor, AuditedChange, tenant_change},
};

/// The form of the document. The number increases if a program that reads the document must change.
const FORMAT: &str = "tenantry.tenant/1";

/// The number of audit entries of a page, which takes about 0.2 s.
const PAGE_ENTRIES: i32 = 5_000;

/// The names of the tables whose name in the document is not derived from the table's.
const SECTIONS: [(&str, &str); 2] = [("api_keys", "keys"), ("one_time_tokens", "invitations")];

/// The tables with one row for each tenant.
const SINGLE_ROWS: [&str; 2] = ["settings", "branding"];

/// Columns that contain a JSON document, whose names are kept.
const DOCUMENTS: [&str; 9] = [
    "after",
    "before",
    "feature_overrides",
    "parameters",
    "payload",
    "problem",
    "quota_overrides",
    "response",
    "stages",
];

/// A tenant as a document.
#[derive(Debug, Clone, PartialEq)]
pub struct TenantExport {
    /// The code of the tenant, for the name of the file.
    pub code: String,
    /// The document, without any secret or hash.
    pub document: Value,
}

/// Returns everything that the registry holds of a tenant, also of a suspended or deleted one, until its
/// purge. Audited.
///
/// # Errors
/// `FORBIDDEN`; `TENANT_NOT_FOUND`; the database's error.
pub async fn export_tenant(engine: &Engine, by: &Actor, tenant: &str) -> Result<TenantExport, Error> {
    by.require_provisioning()?;
    let id = find_tenant_or_deleted(engine, tenant).await?;
    let mut transaction = engine.pool().begin().await?;
    // All statements read one snapshot.
    sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").execute(&mut transaction).await?;
    by.reread(&mut transaction).await?.require_provisioning()?;
    let mut rows = sqlx::query_scalar!("SELECT export_tenant($1, false)", id)
        .fetch_one(&mut transaction)
        .await?
        .ok_or(ErrorCode::TenantNotFound)?;
    let request_id = request_id(&rows)?;
    rows["audit"] = read_audit_entries(&mut transaction, id, request_id).await?;
    let export = TenantExport::from_rows(rows)?;
    let change = AuditedChange { request_id: Some(request_id), ..tenant_change("tenant.exported", id) };
    change.record(&mut transaction, by).await?;
    transaction.commit().await?;
    engine.announce(request_id);
    Ok(export)
}

impl TenantExport {
    /// Gives the rows the names of the API.
    fn from_rows(rows: Value) -> Result<Self, Error> {
        let Value::Object(tables) = rows else {
            return Err(Error::UnexpectedResponse("the export is not an object".to_owned()));
        };
        let mut document = Map::from_iter([("format".to_owned(), json!(FORMAT))]);
        for (table, rows) in tables {
            let name = section(&table);
            let mut rows = rename(rows);
            if SINGLE_ROWS.contains(&name.as_str()) {
                rows = rows.get_mut(0).map(Value::take).unwrap_or_default();
            }
            document.insert(name, rows);
        }
        let document = Value::Object(document);
        let code = document["tenant"]["code"].as_str().unwrap_or_default().to_owned();
        Ok(Self { code, document })
    }
}

/// The ID of the request that created the exported tenant.
fn request_id(rows: &Value) -> Result<Uuid, Error> {
    let id = rows["tenant"]["request_id"].as_str().unwrap_or_default();
    id.parse().map_err(|_| Error::UnexpectedResponse(format!("request ID {id}")))
}

/// Reads all audit entries about a tenant and its request, oldest first.
async fn read_audit_entries(
    transaction: &mut Transaction,
    tenant_id: Uuid,
    request_id: Uuid,
) -> Result<Value, Error> {
    let (mut entries, mut after) = (Vec::new(), 0);
    loop {
        let page = sqlx::query!(
            r#"SELECT entry.id AS "id!", to_jsonb(entry) AS "entry!"
               FROM tenant_audit_entries($1, $2, $3, $4) entry ORDER BY entry.id"#,
            tenant_id,
            request_id,
            after,
            PAGE_ENTRIES
        )
        .fetch_all(&mut *transaction)
        .await?;
        let Some(last) = page.last() else { return Ok(Value::Array(entries)) };
        after = last.id;
        entries.extend(page.into_iter().map(|row| row.entry));
    }
}

/// The name of a table in the document.
fn section(table: &str) -> String {
    let known = SECTIONS.iter().find(|(name, _)| *name == table).map(|(_, section)| (*section).to_owned());
    known.unwrap_or_else(|| camel_case(table.strip_prefix("tenant_").unwrap_or(table)))
}

/// Gives the columns of rows the names of the API, such as `createdAt`.
fn rename(value: Value) -> Value {
    match value {
        Value::Object(columns) => columns
            .into_iter()
            .map(|(name, value)| {
                let value = if DOCUMENTS.contains(&name.as_str()) { value } else { rename(value) };
                (camel_case(&name), value)
            })
            .collect(),
        Value::Array(rows) => rows.into_iter().map(rename).collect(),
        value => value,
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| {
        let mut letters = word.chars();
        let initial = letters.next().map(|letter| letter.to_ascii_uppercase());
        text + &initial.into_iter().chain(letters).collect::<String>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_get_the_names_of_the_api_and_stored_documents_keep_theirs() {
        let rows = json!({
            "exported_at": "2026-11-26T00:00:00.000Z",
            "tenant": { "code": "TEN-00000001", "quota_overrides": { "max_users": 1 } },
            "jobs": [{ "due_at": null, "steps": [{ "counted_attempts": 2 }] }],
            "api_keys": [{ "public_key": "pk" }], "one_time_tokens": [], "tenant_former_slugs": [],
            "tenant_settings": [{ "time_zone": "UTC" }],
        });
        let export = TenantExport::from_rows(rows).unwrap();
        assert_eq!(export.code, "TEN-00000001");
        let expected = json!({
            "format": FORMAT, "exportedAt": "2026-11-26T00:00:00.000Z",
            "tenant": { "code": "TEN-00000001", "quotaOverrides": { "max_users": 1 } },
            "jobs": [{ "dueAt": null, "steps": [{ "countedAttempts": 2 }] }],
            "keys": [{ "publicKey": "pk" }], "invitations": [], "formerSlugs": [],
            "settings": { "timeZone": "UTC" },
        });
        assert_eq!(export.document, expected);
    }
}
