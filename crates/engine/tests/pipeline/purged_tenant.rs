//! What a purge leaves of a tenant: the tombstone, and nothing that describes a person or the organisation.

use domain::{lifecycle::TenantChanges, password::Password};
use engine::{
    access::{Actor, accept_invitation, parse_email},
    pipeline::{MaintenanceTimeouts, run_maintenance},
    tenants::{
        NewOwner, Precondition, delete_tenant, resume_tenant, set_owner, suspend_tenant, update_tenant,
    },
};
use serde_json::json;
use test_support::{fake_services::Endpoint, test_database::ORIGIN};

use crate::external_tenant::{ExternalTenant, SLUG};

/// What describes the tenant and its people.
const PERSONAL: &[&str] = &["golden", "spoon", "olive", "nova", "unpaid"];

/// The tables of the schema whose rows contain one of the words in `PERSONAL`.
async fn tables_with_personal_data(external: &ExternalTenant) -> Vec<String> {
    let pool = &external.fixture.db.pool;
    let tables = "SELECT relname::text FROM pg_class
                  WHERE relnamespace = 'tenantry'::regnamespace AND relkind IN ('r', 'p', 'm') ORDER BY relname";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(pool).await.unwrap();
    assert!(tables.len() > 20, "{tables:?}");
    let mut found = Vec::new();
    for table in tables {
        let words = PERSONAL.join("|");
        let count = format!("SELECT count(*) FROM tenantry.{table} t WHERE t::text ~* '{words}'");
        if external.fixture.db.number(&count).await > 0 {
            found.push(table);
        }
    }
    found
}

async fn purge(external: &ExternalTenant, by: &Actor) {
    delete_tenant(&external.engine, by, SLUG, SLUG).await.unwrap();
    external.run_job("delete").await;
    external.fixture.db.run("UPDATE tenants SET deleted_at = now() - interval '31 days'").await;
    run_maintenance(&external.engine, MaintenanceTimeouts::default()).await.unwrap();
    external.run_job("purge").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_leaves_no_personal_data_anywhere() {
    let external = ExternalTenant::new().await;
    let (engine, by, db) = (&external.engine, &external.by(), &external.fixture.db);
    // A life: the owner joins, the tenant is suspended, changed and handed over.
    let token = external.tenant.owner.as_ref().unwrap().invitation_url.clone().unwrap();
    let token = token.rsplit('/').next().unwrap();
    accept_invitation(engine, token, &Password::parse("a long enough passphrase", &[]).unwrap(), ORIGIN)
        .await
        .unwrap();
    suspend_tenant(engine, by, SLUG, "unpaid by Olive").await.unwrap();
    external.run_job("suspend").await;
    resume_tenant(engine, by, SLUG).await.unwrap();
    external.run_job("resume").await;
    let changes =
        TenantChanges::from_json(&json!({ "name": "Golden Spoon & Olive", "plan": "enterprise" })).unwrap();
    update_tenant(engine, by, SLUG, &Precondition::Any, &changes).await.unwrap();
    let owner = NewOwner {
        name: "Nova".into(),
        email: parse_email("nova@example.com").unwrap(),
        use_existing_account: false,
    };
    set_owner(engine, by, SLUG, &owner, ORIGIN).await.unwrap();
    let audited = "SELECT string_agg(concat_ws(' ', id, at, action, subject_kind, subject_id, actor_id), ',' ORDER BY id)
                   FROM audit_log WHERE action <> 'tenant.purged'";
    assert!(tables_with_personal_data(&external).await.contains(&"audit_log".to_owned()));
    purge(&external, by).await;

    assert_eq!(tables_with_personal_data(&external).await, Vec::<String>::new());
    let database = external.database();
    let left = format!("SELECT datname::text FROM pg_database WHERE datname LIKE '{database}%'");
    assert_eq!(external.copies.text(None, &left).await, None);
    assert_eq!(external.files.directories(), std::slice::from_ref(&external.copies.template));
    assert_eq!(db.number("SELECT count(*) FROM tenant_secrets").await, 0);
    assert_eq!(db.number("SELECT count(*) FROM users").await, 0);
    assert_eq!(external.services.record(Endpoint::Bridge, external.code()), None);
    // Who did what, and when, is still known.
    let names = "SELECT string_agg(DISTINCT actor_name COLLATE \"C\", ',' ORDER BY actor_name COLLATE \"C\") FROM audit_log";
    let admin = &external.fixture.admin.name;
    assert_eq!(db.text(names).await, format!("{admin},maintenance,pipeline,redacted"));
    let renamed = "SELECT before || after FROM audit_log WHERE action = 'tenant.updated'";
    let renamed: serde_json::Value = sqlx::query_scalar(renamed).fetch_one(&db.pool).await.unwrap();
    assert_eq!(renamed, json!({ "name": null, "plan": "enterprise" }));
    assert!(db.text(audited).await.contains("owner.joined"));
    let kinds = "SELECT string_agg(kind, ' ' ORDER BY created_at) FROM jobs WHERE queue = 'pipeline'";
    assert_eq!(db.text(kinds).await, "provisioning purge");
    db.assert_invariants().await;
    external.clean_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_archives_the_records_in_odoo_without_personal_data() {
    let external = ExternalTenant::new().await;
    purge(&external, &external.by()).await;
    let (database, code) = (external.database(), external.code());
    let tenant = external.odoo_tenant();
    assert_eq!(
        (&tenant["active"], &tenant["name"], &tenant["subdomain"], &tenant["business_base_url"]),
        (
            &json!(false),
            &json!(code),
            &json!(database),
            &json!(format!("https://business.example/{database}"))
        )
    );
    assert_eq!(tenant["notes"], format!("Tenantry request {}", external.tenant.request_id));
    let address = format!("user-1@{database}.invalid");
    let user = external.services.record(Endpoint::TenantUsers, &address).unwrap();
    assert_eq!(
        (&user["active"], &user["name"], &user["odoo18_login"]),
        (&json!(false), &json!("User 1"), &json!(address))
    );
    external.clean_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_deletes_the_records_of_an_odoo_that_cannot_archive_them() {
    let external = ExternalTenant::new().await;
    external.services.disable_archive();
    purge(&external, &external.by()).await;
    assert_eq!(external.services.effects(Endpoint::Tenants), 0);
    assert_eq!(external.services.effects(Endpoint::TenantUsers), 0);
    external.clean_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_redaction_of_a_purged_tenant_changes_the_audit_log() {
    let external = ExternalTenant::new().await;
    let db = &external.fixture.db;
    let redact =
        "UPDATE audit_log SET before = redacted_audit_values(before), after = redacted_audit_values(after)";
    let refused = async |sql: &str| db.try_run(sql).await.unwrap_err().to_string().contains("append-only");
    assert!(refused(redact).await, "the tenant is not purged");
    purge(&external, &external.by()).await;
    for sql in [
        "UPDATE audit_log SET actor_name = 'somebody'",
        "UPDATE audit_log SET after = '{}'",
        "UPDATE audit_log SET at = now()",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
    ] {
        assert!(refused(sql).await, "{sql}");
    }
    external.clean_up().await;
}
