use domain::{
    ErrorCode,
    lifecycle::{ChangedTenant, TenantChanges},
    provisioning::Draft,
};
use engine::{
    Error,
    access::Actor,
    page::PageRequest,
    provisioning::check_slug,
    tenants::{Precondition, TenantCaller, list_keys, read_tenant, update_tenant},
};
use serde_json::{Value, json};
use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::TestDatabase,
};

use super::{SLUG, audited, new_tenant};

async fn update(
    db: &TestDatabase,
    by: &Actor,
    tenant: &str,
    precondition: Precondition,
    body: Value,
) -> Result<ChangedTenant, Error> {
    let changes = TenantChanges::from_json(&body).unwrap();
    update_tenant(&db.engine, by, tenant, &precondition, &changes).await
}

#[tokio::test]
async fn an_admin_changes_a_tenant_and_the_audit_log_has_what_differs() {
    let (db, admin, _) = new_tenant().await;
    let body = json!({ "name": "Silver Spoon", "shortName": "Spoon", "plan": "pro", "commission": 7.25,
        "trialEndsAt": "2027-01-31T00:00:00Z" });
    let changed =
        update(&db, &admin, SLUG, Precondition::OneOf(vec!["\"1\"".to_owned()]), body).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.short_name.as_deref()), ("Silver Spoon", Some("Spoon")));
    assert_eq!((changed.commission_percent.basis_points(), changed.version), (725, 2));
    assert_eq!(changed.trial_ends_at.unwrap().0, 1_801_353_600_000);
    let expected = r#"tenant.updated {"name": "The golden-spoon company", "shortName": null, "trialEndsAt": null, "commissionPercent": 10.0} {"name": "Silver Spoon", "shortName": "Spoon", "trialEndsAt": "2027-01-31T00:00:00.000Z", "commissionPercent": 7.25}"#;
    assert_eq!(audited(&db).await, [expected]);

    let body = json!({ "shortName": null, "trialEndsAt": null, "plan": "enterprise" });
    let changed = update(&db, &admin, SLUG, Precondition::Any, body).await.unwrap();
    assert_eq!(
        (changed.short_name, changed.trial_ends_at, changed.plan.as_str()),
        (None, None, "enterprise")
    );
}

#[tokio::test]
async fn an_admin_replaces_all_quotas_and_features_that_differ_from_the_plan() {
    let (db, admin, _) = new_tenant().await;
    let body = json!({ "quotas": { "maxUsers": null, "maxStorageGb": 15 }, "features": { "reports": true } });
    let changed = update(&db, &admin, SLUG, Precondition::Any, body).await.unwrap();
    assert_eq!(json!(changed.quota_overrides), json!({ "maxUsers": null, "maxStorageGb": 15 }));
    assert_eq!(json!(changed.feature_overrides), json!({ "reports": true }));
    let quotas = read_tenant(&db.engine, SLUG).await.unwrap().quotas;
    assert_eq!(json!(quotas), json!({ "maxUsers": null, "maxMonthlyQuotes": 1_000, "maxStorageGb": 15 }));
    let expected = r#"tenant.updated {"quotas": {}, "features": {}} {"quotas": {"maxUsers": null, "maxStorageGb": 15}, "features": {"reports": true}}"#;
    assert_eq!(audited(&db).await, [expected]);

    let changed = update(&db, &admin, SLUG, Precondition::Any, json!({ "quotas": {} })).await.unwrap();
    assert_eq!(json!(changed.quota_overrides), json!({}));
    assert_eq!(json!(changed.feature_overrides), json!({ "reports": true }));
}

#[tokio::test]
async fn a_stale_version_is_refused_and_an_equal_value_changes_nothing() {
    let (db, admin, _) = new_tenant().await;
    let body = || json!({ "plan": "pro" });
    // The entity tag of the registry has a suffix.
    let same =
        update(&db, &admin, SLUG, Precondition::OneOf(vec!["\"1-1f0c\"".to_owned()]), body()).await.unwrap();
    assert_eq!((same.version, audited(&db).await.len()), (1, 0));
    let body = json!({ "plan": "lite" });
    update(&db, &admin, SLUG, Precondition::OneOf(vec!["\"1\"".to_owned()]), body.clone()).await.unwrap();
    let stale = update(&db, &admin, SLUG, Precondition::OneOf(vec!["\"1\"".to_owned()]), body).await;
    assert_error(stale, ErrorCode::PreconditionFailed);
    assert_eq!(audited(&db).await.len(), 1);
}

#[tokio::test]
async fn a_former_slug_finds_its_tenant_and_stays_reserved() {
    let (db, admin, _) = new_tenant().await;
    let body = json!({ "slug": "silver-spoon" });
    assert_eq!(update(&db, &admin, SLUG, Precondition::Any, body).await.unwrap().slug, "silver-spoon");
    for reference in [SLUG, "silver-spoon"] {
        list_keys(&db.engine, &TenantCaller::actor(admin.clone(), reference), PageRequest::default())
            .await
            .unwrap();
    }
    let found = check_slug(&db.engine, &SLUG.parse().unwrap(), None).await.unwrap();
    assert_eq!((found.available, found.conflict.unwrap().code), (false, "TEN-00000001".into()));
    assert_eq!(found.suggestions[0].as_str(), "golden-spoon-2");
    let by = db.admin().await;
    let other = Draft { owner_email: "other@example.com".into(), ..draft(SLUG) };
    let problem = assert_error(db.provision(&by, &provision_request(other)).await, ErrorCode::DuplicateSlug);
    assert_eq!(problem.conflict.unwrap().code, "TEN-00000001");

    // Its own former slug is available to the tenant.
    let body = json!({ "slug": SLUG });
    assert_eq!(update(&db, &admin, "silver-spoon", Precondition::Any, body).await.unwrap().slug, SLUG);
    let former = "SELECT string_agg(slug, ',') FROM tenant_former_slugs";
    assert_eq!(db.text(former).await, "silver-spoon");
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_slug_of_another_tenant_is_refused_with_alternatives() {
    let (db, admin, _) = new_tenant().await;
    let by = db.admin().await;
    assert_created(db.provision(&by, &provision_request(draft("silver-spoon"))).await);
    update(&db, &admin, "silver-spoon", Precondition::Any, json!({ "slug": "copper-spoon" })).await.unwrap();
    for taken in ["copper-spoon", "silver-spoon"] {
        let refused = update(&db, &admin, SLUG, Precondition::Any, json!({ "slug": taken })).await;
        let problem = assert_error(refused, ErrorCode::DuplicateSlug);
        assert_eq!(problem.conflict.unwrap().code, "TEN-00000002", "{taken}");
        assert_eq!(problem.suggestions.len(), 3);
    }
    assert_eq!(db.number("SELECT count(*) FROM tenant_former_slugs").await, 1);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_plan_that_is_not_configured_is_refused() {
    let (db, admin, _) = new_tenant().await;
    let refused = update(&db, &admin, SLUG, Precondition::Any, json!({ "plan": "gold" })).await;
    let problem = assert_error(refused, ErrorCode::ValidationError);
    assert_eq!((problem.errors[0].field.as_str(), problem.errors[0].rule.as_str()), ("plan", "unknown"));
}

#[tokio::test]
async fn a_deleted_tenant_cannot_be_changed() {
    let (db, admin, _) = new_tenant().await;
    engine::tenants::delete_tenant(&db.engine, &admin, SLUG, SLUG).await.unwrap();
    let refused = update(&db, &admin, SLUG, Precondition::Any, json!({ "plan": "lite" })).await;
    assert_error(refused, ErrorCode::TenantNotFound);
}
