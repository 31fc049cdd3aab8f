//! One provisioning makes the whole tenant, in one round trip.

use domain::{
    RequestStatus, Stage, StepState, TenantStatus, api_key::ApiKey, pipeline::Step, tenant_code::TenantCode,
};
use engine::provisioning::{find_request, provision};

use crate::support::{ORIGIN, Proxy, TestDatabase, created, draft, order, replayed, sha256};

#[tokio::test]
async fn one_provisioning_makes_the_whole_tenant() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let made = created(db.provision(&admin, &order(draft("golden-spoon"))).await);

    db.assert_tenants(1).await;
    assert_eq!(made.tenant.code, "TEN-00000001");
    assert_eq!(made.tenant.status, TenantStatus::Active);
    assert!(made.tenant.is_active);
    assert_eq!(made.segment.slug, "general");
    let packages: Vec<_> =
        made.packages.iter().map(|p| (p.slug.as_str(), p.base_price, p.position)).collect();
    assert_eq!(packages, [("basic-package", 0, 1), ("standard-package", 0, 2), ("premium-package", 0, 3)]);
    assert_eq!(made.pipeline.state, StepState::Skipped);
    let steps: Vec<_> = made.pipeline.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(steps, Step::ALL.map(Step::as_str));
    assert_eq!(
        db.text("SELECT status || ' ' || slug || ' ' || plan FROM tenants").await,
        "active golden-spoon pro"
    );
}

#[tokio::test]
async fn the_ten_stages_are_stamped_in_order_with_growing_times() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let made = created(db.provision(&admin, &order(draft("golden-spoon"))).await);
    let stages: Vec<Stage> = made.stages.iter().map(|mark| mark.stage).collect();
    assert_eq!(stages, Stage::ALL);
    assert_eq!(made.stages[0].offset_ms, 0.0);
    assert!(made.stages.windows(2).all(|pair| pair[0].offset_ms <= pair[1].offset_ms), "{:?}", made.stages);
    assert!(made.elapsed_ms() > 0.0);

    let detail = find_request(&db.engine, made.request_id).await.unwrap();
    assert_eq!(detail.attempt_log.len(), 1);
    assert_eq!(detail.attempt_log[0].status, RequestStatus::Completed);
    assert_eq!(detail.attempt_log[0].stages, made.stages);
}

#[tokio::test]
async fn secrets_are_told_once_and_stored_as_hashes() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let made = created(db.provision(&admin, &order(draft("golden-spoon"))).await);

    let secret = made.secret_key.unwrap();
    ApiKey::parse(&secret).unwrap();
    ApiKey::parse(&made.tenant.api_key_public).unwrap();
    assert!(!made.secret_key_revealed);
    let stored: Vec<u8> =
        sqlx::query_scalar("SELECT secret_hash FROM api_keys").fetch_one(&db.pool).await.unwrap();
    assert_eq!(stored, sha256(&secret));

    let link = made.owner.invitation_url.unwrap();
    let token = link.strip_prefix("https://console.example.com/invitation/").unwrap();
    let stored: Vec<u8> =
        sqlx::query_scalar("SELECT token_hash FROM one_time_tokens").fetch_one(&db.pool).await.unwrap();
    assert_eq!(stored, sha256(token));
    let kept = db.text("SELECT concat(response, payload, problem) || (SELECT string_agg(after::text, '') FROM audit_log) FROM provisioning_requests").await;
    assert!(!kept.contains(&secret) && !kept.contains(token));
}

#[tokio::test]
async fn codes_count_upward() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for number in 1..=3 {
        let made = created(db.provision(&admin, &order(draft(&format!("tenant-{number}")))).await);
        assert_eq!(made.tenant.code, format!("TEN-0000000{number}"));
    }
    db.assert_tenants(3).await;
}

#[tokio::test]
async fn codes_go_on_past_eight_digits() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    db.run("SELECT setval('tenant_number_seq', 99999998)").await;
    for code in ["TEN-99999999", "TEN-100000000", "TEN-100000001"] {
        let order = order(draft(&code.to_lowercase()));
        let made = created(db.provision(&admin, &order).await);
        assert_eq!(made.tenant.code, code);
        assert_eq!(replayed(db.provision(&admin, &order).await).tenant.code, code);
        TenantCode::parse(&made.tenant.code).unwrap();
    }
    db.assert_tenants(3).await;
}

/// Bind, Execute, Close, and the Sync that waits: a prepared statement run in one round trip.
const ONE_STATEMENT: &str = "BECS";
/// A bare Sync: how the pool looks at a connection that it gets back, after the answer is out.
const RETURNED: &str = "S";

#[tokio::test]
async fn one_provisioning_is_one_round_trip() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let wire = Proxy::new(db.options());
    let engine = db.engine_at(wire.options(), 1).await;
    created(provision(&engine, &admin, order(draft("warm-up")), ORIGIN).await);
    wire.take_messages_until(&[ONE_STATEMENT, RETURNED].concat()).await;

    created(provision(&engine, &admin, order(draft("golden-spoon")), ORIGIN).await);
    let messages = wire.take_messages_until(RETURNED).await;
    let rest = messages.strip_prefix(ONE_STATEMENT);
    assert!(matches!(rest, Some("" | RETURNED)), "{messages}");
}
