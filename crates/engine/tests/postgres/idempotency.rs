//! Repeated idempotency keys: the table in `docs/specification.md`, section 4.

use std::time::Duration;

use domain::{ErrorCode, RequestStatus, Role, provisioning::Draft};
use engine::{
    MasterKey,
    access::{Actor, Caller, NewToken, create_token},
    provisioning::{find_request, provision, rollback},
};
use tokio::time::timeout;

use test_support::{
    requests::{assert_created, assert_error, assert_replayed, draft, provision_request, with_draft},
    test_database::{MASTER_KEY, ORIGIN, TestDatabase},
};

const CI: NewToken = NewToken { name: "CI", role: Role::Admin, days: 1, scopes: None };

#[tokio::test]
async fn the_same_key_and_payload_replay_the_outcome_without_the_secret() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let request = provision_request(draft("golden-spoon"));
    let first = assert_created(db.provision(&admin, &request).await);
    let second = assert_replayed(db.provision(&admin, &request).await);
    assert_eq!(second.secret_key, None);
    assert!(second.secret_key_revealed);
    assert_eq!(second.owner.as_ref().unwrap().invitation_url, None);
    assert_eq!(second, first.replayed());
    db.assert_complete_tenants(1).await;
}

#[tokio::test]
async fn the_same_payload_typed_in_another_way_replays_the_outcome() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let draft = |name: &str, owner: &str, zone: &str| Draft {
        name: name.into(),
        owner_name: owner.into(),
        time_zone: zone.into(),
        ..draft("golden-spoon")
    };
    let request = provision_request(draft("Café", "Jürgen", "Europe/Berlin"));
    assert_created(db.provision(&admin, &request).await);
    let again = with_draft(&request, draft("Cafe\u{301}", "Ju\u{308}rgen", "europe/berlin"));
    assert_replayed(db.provision(&admin, &again).await);
}

#[tokio::test]
async fn a_replay_is_identical_after_a_restart_and_later_changes() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let request = provision_request(draft("golden-spoon"));
    assert_created(db.provision(&admin, &request).await);
    let before = serde_json::to_string(&assert_replayed(db.provision(&admin, &request).await)).unwrap();
    db.run("UPDATE users SET email = 'new@example.com', email_canonical = 'new@example.com'; UPDATE tenants SET name = 'Renamed'").await;

    let restarted = db.engine_at(db.options(), 1).await;
    let outcome = provision(&restarted, &admin, request, ORIGIN).await;
    assert_eq!(serde_json::to_string(&assert_replayed(outcome)).unwrap(), before);
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_same_key_with_another_payload_is_refused_without_a_new_row() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let first = provision_request(draft("golden-spoon"));
    let provisioned = assert_created(db.provision(&admin, &first).await);
    let problem = assert_error(
        db.provision(&admin, &with_draft(&first, draft("silver-spoon"))).await,
        ErrorCode::IdempotencyKeyReused,
    );
    assert_eq!(problem.request_id, Some(provisioned.request_id));
    db.assert_complete_tenants(1).await;
    assert_eq!(db.number("SELECT count(*) FROM provisioning_requests").await, 1);
    assert_eq!(db.number("SELECT count(*) FROM provisioning_attempts").await, 1);
}

#[tokio::test]
async fn a_key_identifies_the_same_request_for_all_employees() {
    let db = TestDatabase::new().await;
    let (one, other) = (db.admin().await, db.admin().await);
    let first = provision_request(draft("golden-spoon"));
    let provisioned = assert_created(db.provision(&one, &first).await);
    assert_eq!(assert_replayed(db.provision(&other, &first).await), provisioned.replayed());
    let changed = with_draft(&first, draft("silver-spoon"));
    assert_error(db.provision(&other, &changed).await, ErrorCode::IdempotencyKeyReused);
    db.assert_complete_tenants(1).await;
}

#[tokio::test]
async fn another_employee_can_use_the_key_of_a_failed_request() {
    let db = TestDatabase::new().await;
    let (one, other) = (db.admin().await, db.employee(Role::SuperAdmin).await);
    let refused = provision_request(Draft { slug: "-".into(), ..draft("golden-spoon") });
    assert_error(db.provision(&one, &refused).await, ErrorCode::InvalidSlug);
    let provisioned =
        assert_created(db.provision(&other, &with_draft(&refused, draft("golden-spoon"))).await);
    let detail = find_request(&db.engine, provisioned.request_id).await.unwrap();
    assert_eq!((detail.summary.attempts, detail.summary.requested_by.as_str()), (2, "Test SUPER_ADMIN"));
    assert_eq!(db.text("SELECT created_by::text FROM tenants").await, other.id.to_string());
    db.assert_complete_tenants(1).await;
}

/// A word became reserved, or a blueprint was removed, after the tenant was created.
#[tokio::test]
async fn a_key_is_looked_up_before_the_payload_is_validated() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let invalid_today = [
        Draft { slug: "admin".into(), ..draft("golden-spoon") },
        Draft {
            blueprint: "removed".into(),
            owner_email: "other@example.com".into(),
            ..draft("silver-spoon")
        },
    ];
    for (slug, invalid) in ["golden-spoon", "silver-spoon"].into_iter().zip(invalid_today) {
        let valid = Draft { owner_email: invalid.owner_email.clone(), ..draft(slug) };
        let request = provision_request(valid);
        let provisioned = assert_created(db.provision(&admin, &request).await);
        // Simulates a tenant that was created while the payload was still valid.
        let fingerprint = MasterKey::new(MASTER_KEY).fingerprint(&invalid.to_canonical());
        sqlx::query("UPDATE provisioning_requests SET fingerprint = $1 WHERE id = $2")
            .bind(&fingerprint[..])
            .bind(provisioned.request_id)
            .execute(&db.pool)
            .await
            .unwrap();
        let repeated = with_draft(&request, invalid);
        assert_eq!(assert_replayed(db.provision(&admin, &repeated).await), provisioned.replayed());
    }
    db.assert_complete_tenants(2).await;
}

#[tokio::test]
async fn the_key_of_a_failed_request_can_be_used_again_with_another_payload() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    let again =
        provision_request(Draft { owner_email: "second@example.com".into(), ..draft("golden-spoon") });
    let problem = assert_error(db.provision(&admin, &again).await, ErrorCode::DuplicateSlug);
    assert_error(db.provision(&admin, &again).await, ErrorCode::DuplicateSlug);
    let corrected = with_draft(&again, draft("golden-spoon-2"));
    let provisioned = assert_created(db.provision(&admin, &corrected).await);

    assert_eq!(problem.request_id, Some(provisioned.request_id));
    let detail = find_request(&db.engine, provisioned.request_id).await.unwrap();
    assert_eq!(detail.summary.attempts, 3);
    let statuses: Vec<_> =
        detail.attempt_log.iter().map(|attempt| (attempt.number, attempt.status)).collect();
    assert_eq!(
        statuses,
        [(3, RequestStatus::Completed), (2, RequestStatus::Failed), (1, RequestStatus::Failed)]
    );
    assert_eq!(detail.summary.slug, "golden-spoon-2");
    assert_eq!((detail.summary.code, detail.problem), (None, None));
    db.assert_complete_tenants(2).await;
}

#[tokio::test]
async fn the_key_of_a_rolled_back_request_cannot_be_used_again_and_slug_and_email_become_available() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let first = provision_request(draft("golden-spoon"));
    let provisioned = assert_created(db.provision(&admin, &first).await);
    rollback(&db.engine, provisioned.request_id, Some(admin.id), "a mistake", true).await.unwrap();
    assert_error(db.provision(&admin, &first).await, ErrorCode::DuplicateRequest);

    let second = assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    assert_ne!(second.tenant.code, provisioned.tenant.code);
    assert_error(db.provision(&admin, &first).await, ErrorCode::DuplicateRequest);
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 1);
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_key_of_a_deleted_tenant_stays_used() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let request = provision_request(draft("golden-spoon"));
    assert_created(db.provision(&admin, &request).await);
    db.run("UPDATE tenants SET status = 'deleted', deleted_at = now()").await;
    assert_error(db.provision(&admin, &request).await, ErrorCode::DuplicateRequest);
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 1);
}

#[tokio::test]
async fn the_key_of_a_removed_tenant_is_a_duplicate_with_any_payload() {
    for removal in ["rolled back", "deleted"] {
        let db = TestDatabase::new().await;
        let admin = db.admin().await;
        let first = provision_request(draft("golden-spoon"));
        let provisioned = assert_created(db.provision(&admin, &first).await);
        match removal {
            "deleted" => db.run("UPDATE tenants SET status = 'deleted', deleted_at = now()").await,
            _ => rollback(&db.engine, provisioned.request_id, None, "a mistake", true).await.unwrap(),
        }
        let before = recorded_requests(&db).await;
        for (payload, slug) in [("same", "golden-spoon"), ("other", "silver-spoon"), ("invalid", "-bad")] {
            let again = with_draft(&first, draft(slug));
            let problem = assert_error(db.provision(&admin, &again).await, ErrorCode::DuplicateRequest);
            assert_eq!(problem.request_id, Some(provisioned.request_id), "{removal}, {payload} payload");
            assert_eq!(problem.errors, [], "{removal}, {payload} payload");
        }
        assert_eq!(recorded_requests(&db).await, before, "{removal}");
    }
}

#[tokio::test]
async fn the_key_of_a_completed_request_with_an_invalid_payload_is_refused_without_changes() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let first = provision_request(draft("golden-spoon"));
    let provisioned = assert_created(db.provision(&admin, &first).await);
    let before = recorded_requests(&db).await;
    let invalid = with_draft(&first, draft("-bad"));
    let problem = assert_error(db.provision(&admin, &invalid).await, ErrorCode::IdempotencyKeyReused);
    assert_eq!((problem.request_id, problem.errors), (Some(provisioned.request_id), Vec::new()));
    assert_eq!(recorded_requests(&db).await, before);
    db.assert_complete_tenants(1).await;
    assert_replayed(db.provision(&admin, &first).await);
}

/// All requests and attempts as text.
async fn recorded_requests(db: &TestDatabase) -> String {
    db.text("SELECT concat((SELECT json_agg(r) FROM provisioning_requests r), (SELECT json_agg(a) FROM provisioning_attempts a))")
        .await
}

#[tokio::test]
async fn a_replay_still_checks_authorisation() {
    let db = TestDatabase::new().await;
    let admin = db.employee(Role::SuperAdmin).await;
    let request = provision_request(draft("golden-spoon"));
    assert_created(db.provision(&admin, &request).await);
    for change in ["role = 'VIEWER'", "role = 'ADMIN', status = 'disabled'"] {
        db.run(&format!("UPDATE employees SET {change} WHERE built_in IS NULL")).await;
        assert_error(db.provision(&admin, &request).await, ErrorCode::Forbidden);
    }
    db.run("UPDATE employees SET status = 'active' WHERE built_in IS NULL").await;
    assert_replayed(db.provision(&admin, &request).await);
    db.assert_complete_tenants(1).await;
}

#[tokio::test]
async fn a_request_after_a_role_was_lost_is_refused_without_a_record() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    db.run("UPDATE employees SET role = 'VIEWER' WHERE built_in IS NULL").await;
    for slug in ["golden-spoon", "-bad"] {
        let refused = db.provision(&admin, &provision_request(draft(slug))).await;
        assert_error(refused, ErrorCode::Forbidden);
    }
    assert_eq!(db.number("SELECT count(*) FROM provisioning_requests").await, 0);
    db.assert_complete_tenants(0).await;
}

#[tokio::test]
async fn a_call_does_not_wait_for_another_call_with_the_same_token() {
    let db = TestDatabase::new().await;
    let issued = create_token(&db.engine, &Actor::Operator, CI).await.unwrap();
    let token = Caller::Token(issued.token);
    // The other call has updated the token's time of last use, and has not committed yet.
    let mut other = db.pool.begin().await.unwrap();
    sqlx::query("SELECT authenticate_token(token_hash) FROM admin_tokens")
        .execute(&mut *other)
        .await
        .unwrap();
    let call = provision(&db.engine, token, provision_request(draft("golden-spoon")), ORIGIN);
    assert_created(timeout(Duration::from_secs(2), call).await.expect("no wait for the other call"));
    other.rollback().await.unwrap();
}

#[tokio::test]
async fn the_statement_that_provisions_authenticates_the_token() {
    let db = TestDatabase::new().await;
    let issued = create_token(&db.engine, &Actor::Operator, CI).await.unwrap();
    let token = Caller::Token(issued.token);
    let provision_with = async |caller: &Caller, slug: &str| {
        let draft = Draft { slug: slug.into(), ..draft("golden-spoon") };
        provision(&db.engine, caller.clone(), provision_request(draft), ORIGIN).await
    };
    assert_created(provision_with(&token, "golden-spoon").await);
    assert_eq!(db.number("SELECT count(*) FROM admin_tokens WHERE last_used_at IS NOT NULL").await, 1);
    assert_error(provision_with(&token, "-bad").await, ErrorCode::InvalidSlug);
    let recorded = db.number("SELECT count(*) FROM provisioning_requests").await;

    for slug in ["silver-spoon", "-bad"] {
        let unknown = Caller::Token("tnt_admin_unknown".into());
        assert_error(provision_with(&unknown, slug).await, ErrorCode::Unauthenticated);
        for (change, code) in [
            ("UPDATE employees SET role = 'VIEWER' WHERE built_in IS NULL", ErrorCode::Forbidden),
            (
                "UPDATE employees SET role = 'ADMIN', status = 'disabled' WHERE built_in IS NULL",
                ErrorCode::Unauthenticated,
            ),
            (
                "UPDATE employees SET status = 'active' WHERE built_in IS NULL; UPDATE admin_tokens SET revoked_at = now()",
                ErrorCode::Unauthenticated,
            ),
            ("UPDATE admin_tokens SET revoked_at = NULL, expires_at = now()", ErrorCode::Unauthenticated),
            ("UPDATE admin_tokens SET expires_at = now() + interval '1 day'", ErrorCode::InvalidSlug),
        ] {
            db.run(change).await;
            if code != ErrorCode::InvalidSlug || slug == "-bad" {
                assert_error(provision_with(&token, slug).await, code);
            }
        }
    }
    assert_eq!(db.number("SELECT count(*) FROM provisioning_requests").await, recorded + 1);
    db.assert_invariants().await;
}
