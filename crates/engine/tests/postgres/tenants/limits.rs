//! Quotas and limits of a tenant: of two calls at once that both want the last place, one gets it.

use domain::{
    ErrorCode,
    api_key::ApiKey,
    catalog::{MAX_ENTRIES, NewSegment, PackageNumbers, SentPackage},
    idempotency_key::IdempotencyKey,
    outcome::Provisioned,
    tenant_key::MAX_WORKING_KEYS,
    usage::UsageReport,
};
use engine::{
    Engine, Error,
    access::Actor,
    tenants::{
        NewKey, PackageCreation, Precondition, TenantCaller, create_key, create_package, replace_segment,
        report_usage,
    },
};
use serde_json::json;
use test_support::{requests::assert_error, test_database::TestDatabase};
use uuid::Uuid;

use super::{SLUG, new_tenant};

fn new_idempotency_key() -> IdempotencyKey {
    IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap()
}

/// Runs `call` twice, with the numbers 0 and 1, so that both calls wait for the tenant before either has read
/// what is used. One must succeed, and the other be refused with `code`.
async fn assert_one_gets_the_last_place<F>(
    db: &TestDatabase,
    created: &Provisioned,
    code: ErrorCode,
    call: fn(Engine, TenantCaller, u8) -> F,
) where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let program = TenantCaller::Key(ApiKey::parse(created.secret_key.as_ref().unwrap()).unwrap());
    let mut holder = db.pool.begin().await.unwrap();
    sqlx::raw_sql("SELECT FROM tenants FOR UPDATE").execute(&mut *holder).await.unwrap();
    let calls = [0, 1].map(|number| tokio::spawn(call(db.engine.clone(), program.clone(), number)));
    let waiting = "SELECT count(*) = 2 FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    db.wait_until(waiting).await;
    holder.commit().await.unwrap();
    let [one, two] = calls;
    let results = [one.await.unwrap(), two.await.unwrap()];
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    for refused in results.into_iter().filter(Result::is_err) {
        assert_error(refused, code);
    }
    db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_reports_at_once_one_uses_the_rest_of_a_quota() {
    let (db, _, created) = new_tenant().await;
    db.run("UPDATE tenants SET quota_overrides = '{\"maxMonthlyQuotes\": 10}'").await;
    db.run(
        "INSERT INTO tenant_usage (tenant_id, metric, period, used)
         SELECT id, 'quotes', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM'), 9 FROM tenants",
    )
    .await;
    assert_one_gets_the_last_place(&db, &created, ErrorCode::QuotaExceeded, |engine, by, _| async move {
        let report = UsageReport::parse(Some("quotes"), Some(1)).value.unwrap();
        let body = json!({ "metric": "quotes", "quantity": 1 });
        report_usage(&engine, &by, report, &new_idempotency_key(), &body).await.map(drop)
    })
    .await;
    assert_eq!(db.number("SELECT used FROM tenant_usage").await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_keys_at_once_one_is_the_last_that_a_tenant_can_have() {
    let (db, _, created) = new_tenant().await;
    for number in 2..MAX_WORKING_KEYS {
        let new = NewKey { name: format!("Key {number}"), idempotency_key: None };
        create_key(&db.engine, &TenantCaller::actor(Actor::Operator, SLUG), &new).await.unwrap();
    }
    let code = ErrorCode::InvalidTransition;
    assert_one_gets_the_last_place(&db, &created, code, |engine, _, number| async move {
        let new = NewKey { name: format!("Last {number}"), idempotency_key: Some(new_idempotency_key()) };
        create_key(&engine, &TenantCaller::actor(Actor::Operator, SLUG), &new).await.map(drop)
    })
    .await;
    assert_eq!(db.number("SELECT count(*) FROM api_keys").await, i64::from(MAX_WORKING_KEYS));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_packages_at_once_one_is_the_last_that_a_tenant_can_have() {
    let (db, _, created) = new_tenant().await;
    let copies = "INSERT INTO packages (tenant_id, segment_id, slug, name, base_price)
        SELECT tenant_id, id, 'copy-' || n, 'Copy', 0 FROM segments, generate_series(1, {}) n";
    db.run(&copies.replace("{}", &(MAX_ENTRIES - 4).to_string())).await;
    let code = ErrorCode::InvalidTransition;
    assert_one_gets_the_last_place(&db, &created, code, |engine, by, number| async move {
        let name = format!("Last {number}");
        let body = json!({ "name": name, "basePrice": 1 });
        let numbers = PackageNumbers { base_price: Some(1), ..PackageNumbers::default() };
        let package = SentPackage::parse(|field| (field == "name").then(|| name.clone()), numbers);
        let idempotency_key = &new_idempotency_key();
        let creation = PackageCreation { package, slug: None, idempotency_key, body: &body };
        create_package(&engine, &by, creation).await.map(drop)
    })
    .await;
    assert_eq!(db.number("SELECT count(*) FROM packages").await, i64::from(MAX_ENTRIES));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_segments_at_once_one_is_the_last_that_a_tenant_can_have() {
    let (db, _, created) = new_tenant().await;
    let copies = "INSERT INTO segments (tenant_id, slug, name)
        SELECT id, 'copy-' || n, 'Copy' FROM tenants, generate_series(1, {}) n";
    db.run(&copies.replace("{}", &(MAX_ENTRIES - 2).to_string())).await;
    let code = ErrorCode::InvalidTransition;
    assert_one_gets_the_last_place(&db, &created, code, |engine, by, number| async move {
        let new = NewSegment::parse(|field| (field == "name").then(|| "Last".to_owned()), None, None);
        let slug = format!("last-{number}");
        replace_segment(&engine, &by, &slug, &Precondition::Missing, new).await.map(drop)
    })
    .await;
    assert_eq!(db.number("SELECT count(*) FROM segments").await, i64::from(MAX_ENTRIES));
}
