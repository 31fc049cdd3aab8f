//! The columns of a new tenant, and those of a tenant from an earlier version.

use domain::{ErrorCode, plan::Plan, provisioning::Draft};

use test_support::{
    requests::{assert_created, assert_error, assert_replayed, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

const SETTINGS: &str =
    "SELECT concat_ws('|', company_name, coalesce(support_email, '-'), coalesce(support_phone, '-'),
    coalesce(website_url, '-'), time_zone, currency, locale, coalesce(email_from_name, '-'),
    coalesce(email_from_address, '-')) FROM tenant_settings";
const BRANDING: &str =
    "SELECT concat_ws('|', theme, coalesce(logo_url, '-'), color_primary, color_secondary, color_accent)
    FROM tenant_branding";
const SEGMENT: &str = "SELECT concat_ws('|', hero_title, description, sort_order, active) FROM segments";
const PACKAGES: &str =
    "SELECT string_agg(concat_ws('|', slug, description, booking_type, grouping_order, active), E'\\n'
    ORDER BY grouping_order) FROM packages";

#[tokio::test]
async fn a_new_tenant_has_every_default() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let draft = Draft { theme: "forest".into(), ..draft("golden-spoon") };
    assert_created(db.provision(&admin, &provision_request(draft)).await);
    assert_eq!(db.text(SETTINGS).await, "The golden-spoon company|-|-|-|UTC|USD|en|-|-");
    assert_eq!(db.text(BRANDING).await, "forest|-|#166534|#3f6212|#84cc16");
    assert_eq!(db.text(SEGMENT).await, "Welcome|Everything that we offer, in one place.|1|t");
    assert_eq!(
        db.text(PACKAGES).await,
        "basic-package|The essentials for a simple start.|DATE|1|t\n\
         standard-package|The usual choice, with more included.|DATE|2|t\n\
         premium-package|The complete experience, with every extra.|DATE|3|t"
    );
    let tenant = "SELECT concat_ws('|', coalesce(short_name, '-'), coalesce(industry, '-'), coalesce(external_id, '-'),
        quota_overrides, feature_overrides, coalesce(trial_ends_at::text, '-')) FROM tenants";
    assert_eq!(db.text(tenant).await, "-|-|-|{}|{}|-");
    db.assert_complete_tenants(1).await;
}

/// A draft with every optional field.
fn complete_draft(slug: &str) -> Draft {
    Draft {
        short_name: "Spoon".into(),
        industry: "Restaurants".into(),
        external_id: "client_0042".into(),
        company_name: "Golden Spoon SL".into(),
        support_email: "help@goldenspoon.io".into(),
        support_phone: "+34 600 123 456".into(),
        website_url: "https://goldenspoon.io".into(),
        locale: "es-ES".into(),
        email_from_name: "Golden Spoon".into(),
        email_from_address: "news@goldenspoon.io".into(),
        logo_url: "https://goldenspoon.io/logo.svg".into(),
        color_primary: "#7c2d12".into(),
        color_secondary: "#14532d".into(),
        color_accent: "#ffcc00".into(),
        ..draft(slug)
    }
}

#[tokio::test]
async fn optional_fields_are_stored_and_a_replay_needs_the_same_ones() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let request = provision_request(complete_draft("golden-spoon"));
    let provisioned = assert_created(db.provision(&admin, &request).await);
    assert_eq!(
        db.text(SETTINGS).await,
        "Golden Spoon SL|help@goldenspoon.io|+34 600 123 456|https://goldenspoon.io|UTC|USD|es-ES|Golden Spoon|\
         news@goldenspoon.io"
    );
    assert_eq!(db.text(BRANDING).await, "slate|https://goldenspoon.io/logo.svg|#7c2d12|#14532d|#ffcc00");
    let tenant = "SELECT concat_ws('|', short_name, industry, external_id) FROM tenants";
    assert_eq!(db.text(tenant).await, "Spoon|Restaurants|client_0042");
    let recorded = "SELECT payload #>> '{settings,supportEmail}' FROM provisioning_requests";
    assert_eq!(db.text(recorded).await, "help@goldenspoon.io");

    assert_eq!(assert_replayed(db.provision(&admin, &request).await), provisioned.replayed());
    let mut changed = request.clone();
    changed.draft.support_phone = "112".into();
    assert_error(db.provision(&admin, &changed).await, ErrorCode::IdempotencyKeyReused);
    db.assert_complete_tenants(1).await;
}

#[tokio::test]
async fn an_external_id_belongs_to_one_tenant() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(complete_draft("golden-spoon"))).await);
    let second = provision_request(complete_draft("silver-spoon"));
    let problem = assert_error(db.provision(&admin, &second).await, ErrorCode::DuplicateKey);
    assert_eq!(problem.constraint.as_deref(), Some("tenants_external_id_key"));
    assert_eq!(problem.field_problems()[0].field, "externalId");
    db.assert_complete_tenants(1).await;
}

/// Undoes the three migrations of the profile, so that the tables are those of the earlier version.
const EARLIER_TABLES: &str = "
    DELETE FROM _sqlx_migrations WHERE version BETWEEN 20261128080000 AND 20261128080200;
    ALTER TABLE tenants DROP COLUMN short_name, DROP COLUMN industry, DROP COLUMN external_id,
        DROP COLUMN quota_overrides, DROP COLUMN feature_overrides, DROP COLUMN trial_ends_at;
    ALTER TABLE tenant_settings DROP COLUMN company_name, DROP COLUMN support_email, DROP COLUMN support_phone,
        DROP COLUMN website_url, DROP COLUMN locale, DROP COLUMN email_from_name, DROP COLUMN email_from_address;
    ALTER TABLE tenant_branding DROP COLUMN logo_url, DROP COLUMN color_primary, DROP COLUMN color_secondary,
        DROP COLUMN color_accent;
    ALTER TABLE segments DROP COLUMN hero_title, DROP COLUMN description, DROP COLUMN sort_order, DROP COLUMN active;
    UPDATE packages SET position = grouping_order;
    ALTER TABLE packages DROP COLUMN description, DROP COLUMN booking_type, DROP COLUMN grouping_order,
        DROP COLUMN active, ALTER COLUMN position SET NOT NULL;
    DROP TABLE tenant_resources";

#[tokio::test]
async fn an_upgrade_gives_existing_tenants_the_defaults_of_new_ones() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for theme in ["slate", "ocean", "forest", "sunset", "plum"] {
        let draft = Draft { theme: theme.into(), ..draft(theme) };
        assert_created(db.provision(&admin, &provision_request(draft)).await);
    }
    db.run(
        "INSERT INTO job_steps (job_id, position, name, connector, state, external_reference)
         SELECT j.id, 1, 'STEP_1_COPY_DB', 'database_copy', 'succeeded', 'ten-00000001'
         FROM jobs j JOIN tenants t ON t.id = j.tenant_id WHERE t.slug = 'slate'",
    )
    .await;
    let all = |query: &str| {
        let query = query.replace("SELECT concat_ws", "SELECT tenant_id, concat_ws");
        format!("SELECT string_agg(found::text, E'\\n' ORDER BY found::text) FROM ({query}) found")
    };
    let queries = [
        all(SETTINGS),
        all(BRANDING),
        all(SEGMENT),
        all("SELECT concat_ws('|', slug, description, booking_type, grouping_order, active) FROM packages"),
    ];
    let mut new = Vec::new();
    for query in &queries {
        new.push(db.text(query).await);
    }
    db.run(EARLIER_TABLES).await;
    db.engine.migrate().await.unwrap();
    for (query, new) in queries.iter().zip(new) {
        assert_eq!(db.text(query).await, new);
    }
    let resources =
        "SELECT string_agg(concat_ws(' ', kind, external_reference, url), ',') FROM tenant_resources";
    assert_eq!(db.text(resources).await, "database ten-00000001");
}

#[tokio::test]
async fn the_configuration_defines_which_plans_exist() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let gold = Plan { name: "gold".into(), ..Plan::defaults().remove(0) };
    let engine = db.engine.clone().with_plans(vec![gold]);
    let provision = async |plan: &str| {
        let request = provision_request(Draft { plan: plan.into(), ..draft("golden-spoon") });
        engine::provisioning::provision(&engine, &admin, request, ORIGIN).await
    };
    let problem = assert_error(provision("pro").await, ErrorCode::ValidationError);
    assert_eq!(problem.errors[0].message, "Choose a plan from the list.");
    assert_created(provision("gold").await);
    assert_eq!(db.text("SELECT plan FROM tenants").await, "gold");
}

/// A call of a server of the version before the optional fields.
const EARLIER_CALL: &str = r#"SELECT provision_tenant_atomic(
    (SELECT id FROM employees WHERE built_in IS NULL), NULL, gen_random_uuid(), sha256('x'), gen_random_uuid(),
    gen_random_uuid(),
    gen_random_uuid(), '{"name": "Golden Spoon", "slug": "golden-spoon", "plan": "pro", "timeZone": "UTC",
        "currency": "USD", "owner": {"name": "Olive", "email": "o@example.com", "emailCanonical": "o@example.com"},
        "blueprint": "standard", "theme": "slate", "commissionBasisPoints": 0}',
    '{"segment": {"slug": "general", "name": "General"},
      "packages": [{"slug": "basic-package", "name": "Basic", "basePrice": 0, "position": 1}],
      "steps": [{"name": "STEP_1_COPY_DB", "connector": "database_copy", "state": "skipped"}]}',
    'pk', sha256('s'), sha256('i'), interval '7 days') -> 'response' -> 'packages' ->> 0"#;

#[tokio::test]
async fn a_server_of_the_earlier_version_still_provisions() {
    let db = TestDatabase::new().await;
    db.admin().await;
    let package = db.text(EARLIER_CALL).await;
    assert_eq!(package, r#"{"name": "Basic", "slug": "basic-package", "position": 1, "basePrice": 0}"#);
    assert_eq!(db.text(SETTINGS).await, "Golden Spoon|-|-|-|UTC|USD|en|-|-");
    assert_eq!(db.text(BRANDING).await, "slate|-|#334155|#475569|#64748b");
    assert_eq!(db.number("SELECT grouping_order::bigint FROM packages").await, 1);
    db.assert_invariants().await;
}

#[tokio::test]
async fn overrides_have_known_quotas_and_switches() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    for valid in [
        r#"quota_overrides = '{"maxUsers": 40, "maxStorageGb": null}'"#,
        r#"feature_overrides = '{"api": true, "sso": false}'"#,
    ] {
        db.run(&format!("UPDATE tenants SET {valid}")).await;
    }
    for invalid in [
        r#"quota_overrides = '{"maxCats": 40}'"#,
        r#"quota_overrides = '{"maxUsers": "40"}'"#,
        r#"quota_overrides = '{"maxUsers": -1}'"#,
        "quota_overrides = '[]'",
        r#"feature_overrides = '{"sso": "yes"}'"#,
    ] {
        let error = db.try_run(&format!("UPDATE tenants SET {invalid}")).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().as_deref(), Some("23514"), "{invalid}");
    }
}
