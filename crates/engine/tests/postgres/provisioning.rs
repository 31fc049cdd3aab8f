//! Provisioning creates a complete tenant in one round trip.

use domain::{
    RequestStatus, Stage, StepState, TenantStatus, api_key::ApiKey, pipeline::Step, tenant_code::TenantCode,
};
use engine::provisioning::{find_request, provision};

use test_support::{
    fault_proxy::FaultProxy,
    requests::{assert_created, assert_replayed, draft, provision_request},
    test_database::{ORIGIN, TestDatabase, sha256},
};

#[tokio::test]
async fn provisioning_creates_a_complete_tenant() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let provisioned = assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);

    db.assert_complete_tenants(1).await;
    assert_eq!(provisioned.tenant.code, "TEN-00000001");
    assert_eq!(provisioned.tenant.status, TenantStatus::Active);
    assert!(provisioned.tenant.is_active);
    let segment = &provisioned.segment;
    assert_eq!((segment.slug.as_str(), segment.name.as_str()), ("general", "General"));
    assert_eq!(segment.id.unwrap().to_string(), db.text("SELECT id::text FROM segments").await);
    let packages: Vec<_> = provisioned
        .packages
        .iter()
        .map(|p| format!("{} {} {}", p.id.unwrap(), p.slug, p.base_price))
        .collect();
    let stored =
        "SELECT string_agg(concat_ws(' ', id, slug, base_price), ',' ORDER BY grouping_order) FROM packages";
    assert_eq!(packages.join(","), db.text(stored).await);
    assert_eq!(provisioned.pipeline.state, StepState::Skipped);
    let steps: Vec<_> = provisioned.pipeline.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(steps, Step::ALL.map(Step::as_str));
    assert_eq!(db.text("SELECT count(*)::text FROM job_steps WHERE connector <> 'mail'").await, "0");
    assert_eq!(
        db.text("SELECT status || ' ' || slug || ' ' || plan FROM tenants").await,
        "active golden-spoon pro"
    );
}

#[tokio::test]
async fn the_ten_stages_are_recorded_in_order() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let provisioned = assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    let stages: Vec<Stage> = provisioned.stages.iter().map(|time| time.stage).collect();
    assert_eq!(stages, Stage::ALL);
    assert_eq!(provisioned.stages[0].offset_ms, 0.0);
    assert!(
        provisioned.stages.windows(2).all(|pair| pair[0].offset_ms <= pair[1].offset_ms),
        "{:?}",
        provisioned.stages
    );
    assert!(provisioned.elapsed_ms() > 0.0);

    let detail = find_request(&db.engine, provisioned.request_id).await.unwrap();
    assert_eq!(detail.attempt_log.len(), 1);
    assert_eq!(detail.attempt_log[0].status, RequestStatus::Completed);
    assert_eq!(detail.attempt_log[0].stages, provisioned.stages);
}

#[tokio::test]
async fn secrets_are_returned_once_and_stored_as_hashes() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let provisioned = assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);

    let secret = provisioned.secret_key.unwrap();
    ApiKey::parse(&secret).unwrap();
    ApiKey::parse(&provisioned.tenant.api_key_public).unwrap();
    assert!(!provisioned.secret_key_revealed);
    let stored: Vec<u8> =
        sqlx::query_scalar("SELECT secret_hash FROM api_keys").fetch_one(&db.pool).await.unwrap();
    assert_eq!(stored, sha256(&secret));

    let link = provisioned.owner.unwrap().invitation_url.unwrap();
    let token = link.strip_prefix("https://console.example.com/invitation/").unwrap();
    let stored: Vec<u8> =
        sqlx::query_scalar("SELECT token_hash FROM one_time_tokens").fetch_one(&db.pool).await.unwrap();
    assert_eq!(stored, sha256(token));
    let stored = db.text("SELECT concat(response, payload, problem) || (SELECT string_agg(after::text, '') FROM audit_log) FROM provisioning_requests").await;
    assert!(!stored.contains(&secret) && !stored.contains(token));
}

#[tokio::test]
async fn tenant_codes_are_consecutive() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for number in 1..=3 {
        let provisioned = assert_created(
            db.provision(&admin, &provision_request(draft(&format!("tenant-{number}")))).await,
        );
        assert_eq!(provisioned.tenant.code, format!("TEN-0000000{number}"));
    }
    db.assert_complete_tenants(3).await;
}

#[tokio::test]
async fn tenant_codes_continue_after_eight_digits() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    db.run("SELECT setval('tenant_number_seq', 99999998)").await;
    for code in ["TEN-99999999", "TEN-100000000", "TEN-100000001"] {
        let request = provision_request(draft(&code.replace("TEN", "slug")));
        let provisioned = assert_created(db.provision(&admin, &request).await);
        assert_eq!(provisioned.tenant.code, code);
        assert_eq!(assert_replayed(db.provision(&admin, &request).await).tenant.code, code);
        TenantCode::parse(&provisioned.tenant.code).unwrap();
    }
    db.assert_complete_tenants(3).await;
}

/// Bind, Execute, Close and Sync: a prepared statement in one round trip.
const ONE_STATEMENT: &str = "BECS";

#[tokio::test]
async fn provisioning_takes_one_round_trip() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let proxy = FaultProxy::new(db.options());
    let engine = db.engine_at(proxy.options(), 1).await;
    // The first call also prepares the statement.
    assert_created(provision(&engine, &admin, provision_request(draft("warm-up")), ORIGIN).await);
    proxy.take_messages_until(ONE_STATEMENT).await;

    assert_created(provision(&engine, &admin, provision_request(draft("golden-spoon")), ORIGIN).await);
    assert_eq!(proxy.take_messages_until(ONE_STATEMENT).await, ONE_STATEMENT);
}
