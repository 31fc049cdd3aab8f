//! A tenant from a sign-up equals one that an admin created, column by column.

use std::collections::BTreeMap;

use domain::{password::Password, provisioning::Draft, sign_up::SignUpMode};
use engine::access::accept_invitation;
use serde_json::Value;
use test_support::{
    requests::{assert_created, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

use super::{PASSWORD, TOKEN, database, request_of, sign_up_with, verify};

/// The tables with the rows of a tenant, and the condition that selects these rows for the tenant `t`.
const TABLES: [(&str, &str); 13] = [
    ("tenants", "x.id = t.id"),
    ("users", "x.id = t.owner_id"),
    ("memberships", "x.tenant_id = t.id"),
    ("tenant_settings", "x.tenant_id = t.id"),
    ("tenant_branding", "x.tenant_id = t.id"),
    ("segments", "x.tenant_id = t.id"),
    ("packages", "x.tenant_id = t.id"),
    ("api_keys", "x.tenant_id = t.id"),
    ("jobs", "x.tenant_id = t.id"),
    ("one_time_tokens", "x.tenant_id = t.id"),
    ("provisioning_requests", "x.id = t.request_id"),
    ("provisioning_attempts", "x.request_id = t.request_id"),
    ("audit_log", "x.subject_id = t.id AND x.action = 'tenant.provisioned'"),
];

/// The columns that differ: who created the tenant.
const CREATOR: [&str; 4] =
    ["tenants.created_by", "provisioning_requests.employee_id", "audit_log.actor_id", "audit_log.actor_name"];

/// Every column of every row of a tenant. Random and temporal values are replaced by their kind.
async fn columns(db: &TestDatabase, slug: &str) -> BTreeMap<String, Vec<String>> {
    let mut columns = BTreeMap::new();
    for (table, condition) in TABLES {
        let order = if table == "packages" { "x.grouping_order" } else { "1" };
        let sql = format!(
            "SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY {order}), '[]')::text
             FROM tenants t JOIN {table} x ON {condition} WHERE t.slug = '{slug}'"
        );
        let rows: Vec<Value> = serde_json::from_str(&db.text(&sql).await).unwrap();
        assert!(!rows.is_empty(), "{table}");
        for row in rows {
            for (column, value) in row.as_object().unwrap() {
                let values: &mut Vec<String> = columns.entry(format!("{table}.{column}")).or_default();
                values.push(kind_of(column, value, slug));
            }
        }
    }
    columns
}

/// The value, in which the slug is replaced, or the kind of a random or temporal value.
fn kind_of(column: &str, value: &Value, slug: &str) -> String {
    let is_random =
        column == "at" || column.ends_with("_at") || column.ends_with("_hash") || column.ends_with("_key");
    match value {
        Value::Null => "null".into(),
        Value::String(text) if uuid::Uuid::try_parse(text).is_ok() => "a UUID".into(),
        _ if is_random && column != "idempotency_key" => "set".into(),
        Value::String(text) if text.starts_with("\\x") => "bytes".into(),
        Value::String(text) if text.starts_with("TEN-") => "a code".into(),
        Value::Number(_) if matches!(column, "id" | "elapsed_ms") => "a number".into(),
        Value::Object(_) | Value::Array(_) => keys_and_texts(value, slug),
        value => value.to_string().replace(slug, "SLUG"),
    }
}

/// The structure of a JSON value, with its texts.
fn keys_and_texts(value: &Value, slug: &str) -> String {
    match value {
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| match name.as_str() {
                "offsetMs" | "createdAt" | "invitationExpiresAt" | "apiKeyPublic" => format!("{name}: set"),
                _ => format!("{name}: {}", kind_or_structure(name, value, slug)),
            };
            fields.iter().map(field).collect::<Vec<_>>().join(", ")
        }
        Value::Array(values) => {
            values.iter().map(|value| keys_and_texts(value, slug)).collect::<Vec<_>>().join("; ")
        }
        value => kind_or_structure("", value, slug),
    }
}

fn kind_or_structure(name: &str, value: &Value, slug: &str) -> String {
    if value.is_object() || value.is_array() {
        return keys_and_texts(value, slug);
    }
    kind_of(name, value, slug)
}

#[tokio::test]
async fn it_differs_only_in_its_creator() {
    let db = database(SignUpMode::On).await;
    let draft = Draft {
        name: "Silver Fork".into(),
        slug: "console-fork".into(),
        owner_name: "Olive Owner".into(),
        owner_email: "olive@console-fork.example.com".into(),
        ..Draft::default()
    };
    let provisioned = assert_created(db.provision(&db.admin().await, &provision_request(draft)).await);
    let link = provisioned.owner.unwrap().invitation_url.unwrap();
    let password = Password::parse(PASSWORD, &[]).unwrap();
    accept_invitation(&db.engine, link.rsplit_once('/').unwrap().1, &password, ORIGIN).await.unwrap();

    sign_up_with(&db, &request_of("olive@signed-fork.example.com", "signed-fork"), TOKEN).await;
    verify(&db).await.unwrap();

    let (console, signed_up) = (columns(&db, "console-fork").await, columns(&db, "signed-fork").await);
    assert!(console.len() > 120, "{}", console.len());
    let differences: Vec<_> = console
        .keys()
        .chain(signed_up.keys())
        .filter(|column| console.get(*column) != signed_up.get(*column))
        .map(|column| format!("{column}: {:?} {:?}", console.get(column), signed_up.get(column)))
        .collect();
    let names: Vec<_> = differences.iter().map(|text| text.split_once(':').unwrap().0).collect();
    // The IDs of the creators are both UUIDs.
    assert!(names.iter().all(|name| CREATOR.contains(name)), "{differences:#?}");
    let creators = "SELECT string_agg(e.name, ', ' ORDER BY t.created_at) FROM tenants t
        JOIN employees e ON e.id = t.created_by";
    assert_eq!(db.text(creators).await, "Test ADMIN, signup");
}
