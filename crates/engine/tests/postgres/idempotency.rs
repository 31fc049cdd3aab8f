//! What the same key gives the second time: the table of SPEC section 4.

use domain::{ErrorCode, RequestStatus, Role};
use engine::provisioning::{find_request, rollback};

use crate::support::{TestDatabase, created, draft, order, refused, replayed, with_draft};

#[tokio::test]
async fn the_same_key_and_payload_give_the_same_answer_without_the_secret() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let order = order(draft("golden-spoon"));
    let first = created(db.provision(&admin, &order).await);
    let second = replayed(db.provision(&admin, &order).await);
    assert_eq!(second.secret_key, None);
    assert!(second.secret_key_revealed);
    assert_eq!(second.owner.invitation_url, None);
    assert_eq!(second, first.replayed());
    db.assert_tenants(1).await;
}

#[tokio::test]
async fn a_replay_is_the_same_to_the_byte_after_a_restart_and_a_new_owner_address() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let order = order(draft("golden-spoon"));
    created(db.provision(&admin, &order).await);
    let before = serde_json::to_string(&replayed(db.provision(&admin, &order).await)).unwrap();
    db.run("UPDATE users SET email = 'new@example.com', email_canonical = 'new@example.com'; UPDATE tenants SET name = 'Renamed'").await;

    let restarted = db.engine_at(db.options(), 1).await;
    let answer = engine::provisioning::provision(&restarted, &admin, order, crate::support::ORIGIN).await;
    assert_eq!(serde_json::to_string(&replayed(answer)).unwrap(), before);
    db.assert_sound().await;
}

#[tokio::test]
async fn the_same_key_with_another_payload_is_refused_and_leaves_no_row() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let first = order(draft("golden-spoon"));
    let made = created(db.provision(&admin, &first).await);
    let problem = refused(
        db.provision(&admin, &with_draft(&first, draft("silver-spoon"))).await,
        ErrorCode::IdempotencyKeyReused,
    );
    assert_eq!(problem.request_id, Some(made.request_id));
    db.assert_tenants(1).await;
    assert_eq!(db.number("SELECT count(*) FROM provisioning_requests").await, 1);
    assert_eq!(db.number("SELECT count(*) FROM provisioning_attempts").await, 1);
}

#[tokio::test]
async fn a_key_is_one_employees_own() {
    let db = TestDatabase::new().await;
    let (one, other) = (db.admin().await, db.admin().await);
    let first = order(draft("golden-spoon"));
    created(db.provision(&one, &first).await);
    created(db.provision(&other, &with_draft(&first, draft("silver-spoon"))).await);
    db.assert_tenants(2).await;
}

#[tokio::test]
async fn a_failed_key_runs_again_also_with_another_payload_and_attempts_are_counted() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    created(db.provision(&admin, &order(draft("golden-spoon"))).await);
    let again = order(domain::provisioning::Draft {
        owner_email: "second@example.com".into(),
        ..draft("golden-spoon")
    });
    let problem = refused(db.provision(&admin, &again).await, ErrorCode::DuplicateSlug);
    refused(db.provision(&admin, &again).await, ErrorCode::DuplicateSlug);
    let mended = with_draft(&again, draft("golden-spoon-2"));
    let made = created(db.provision(&admin, &mended).await);

    assert_eq!(problem.request_id, Some(made.request_id));
    let detail = find_request(&db.engine, made.request_id).await.unwrap();
    assert_eq!(detail.summary.attempts, 3);
    let statuses: Vec<_> =
        detail.attempt_log.iter().map(|attempt| (attempt.number, attempt.status)).collect();
    assert_eq!(
        statuses,
        [(3, RequestStatus::Completed), (2, RequestStatus::Failed), (1, RequestStatus::Failed)]
    );
    assert_eq!(detail.summary.slug, "golden-spoon-2");
    assert_eq!((detail.summary.code, detail.problem), (None, None));
    db.assert_tenants(2).await;
}

#[tokio::test]
async fn a_rolled_back_key_does_not_come_back_but_slug_and_address_are_free() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let first = order(draft("golden-spoon"));
    let made = created(db.provision(&admin, &first).await);
    rollback(&db.engine, made.request_id, Some(admin.employee_id), "a mistake", true).await.unwrap();
    refused(db.provision(&admin, &first).await, ErrorCode::DuplicateRequest);

    let anew = created(db.provision(&admin, &order(draft("golden-spoon"))).await);
    assert_ne!(anew.tenant.code, made.tenant.code);
    refused(db.provision(&admin, &first).await, ErrorCode::DuplicateRequest);
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 1);
    db.assert_sound().await;
}

#[tokio::test]
async fn a_key_whose_tenant_was_deleted_since_does_not_come_back() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let order = order(draft("golden-spoon"));
    created(db.provision(&admin, &order).await);
    db.run("UPDATE tenants SET status = 'deleted', deleted_at = now()").await;
    refused(db.provision(&admin, &order).await, ErrorCode::DuplicateRequest);
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 1);
}

#[tokio::test]
async fn a_key_whose_tenant_is_gone_says_so_whatever_the_payload() {
    for gone in ["rolled back", "deleted"] {
        let db = TestDatabase::new().await;
        let admin = db.admin().await;
        let first = order(draft("golden-spoon"));
        let made = created(db.provision(&admin, &first).await);
        match gone {
            "deleted" => db.run("UPDATE tenants SET status = 'deleted', deleted_at = now()").await,
            _ => rollback(&db.engine, made.request_id, None, "a mistake", true).await.unwrap(),
        }
        let before = everything_on_record(&db).await;
        for (payload, slug) in [("same", "golden-spoon"), ("other", "silver-spoon"), ("invalid", "-bad")] {
            let again = with_draft(&first, draft(slug));
            let problem = refused(db.provision(&admin, &again).await, ErrorCode::DuplicateRequest);
            assert_eq!(problem.request_id, Some(made.request_id), "{gone}, {payload} payload");
            assert_eq!(problem.errors, [], "{gone}, {payload} payload");
        }
        assert_eq!(everything_on_record(&db).await, before, "{gone}");
    }
}

#[tokio::test]
async fn a_completed_key_with_an_invalid_payload_is_reused_and_nothing_changes() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let first = order(draft("golden-spoon"));
    let made = created(db.provision(&admin, &first).await);
    let before = everything_on_record(&db).await;
    let invalid = with_draft(&first, draft("-bad"));
    let problem = refused(db.provision(&admin, &invalid).await, ErrorCode::IdempotencyKeyReused);
    assert_eq!((problem.request_id, problem.errors), (Some(made.request_id), Vec::new()));
    assert_eq!(everything_on_record(&db).await, before);
    db.assert_tenants(1).await;
    replayed(db.provision(&admin, &first).await);
}

/// The requests and their attempts, as text.
async fn everything_on_record(db: &TestDatabase) -> String {
    db.text("SELECT concat((SELECT json_agg(r) FROM provisioning_requests r), (SELECT json_agg(a) FROM provisioning_attempts a))")
        .await
}

#[tokio::test]
async fn a_replay_still_checks_authorisation() {
    let db = TestDatabase::new().await;
    let admin = db.employee(Role::SuperAdmin).await;
    let order = order(draft("golden-spoon"));
    created(db.provision(&admin, &order).await);
    for change in ["role = 'VIEWER'", "role = 'ADMIN', status = 'disabled'"] {
        db.run(&format!("UPDATE employees SET {change}")).await;
        refused(db.provision(&admin, &order).await, ErrorCode::Forbidden);
    }
    db.run("UPDATE employees SET status = 'active'").await;
    replayed(db.provision(&admin, &order).await);
    db.assert_tenants(1).await;
}

#[tokio::test]
async fn a_role_lost_since_sign_in_makes_nothing_and_is_on_record() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    db.run("UPDATE employees SET role = 'VIEWER'").await;
    let problem = refused(db.provision(&admin, &order(draft("golden-spoon"))).await, ErrorCode::Forbidden);
    let detail = find_request(&db.engine, problem.request_id.unwrap()).await.unwrap();
    assert_eq!(detail.summary.code, Some(ErrorCode::Forbidden));
    db.assert_tenants(0).await;
}
