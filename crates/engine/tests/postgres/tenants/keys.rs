use domain::{
    ErrorCode, Role,
    api_key::ApiKey,
    idempotency_key::IdempotencyKey,
    tenant_key::{KeyStatus, Overlap, TenantKey},
};
use engine::{
    access::Actor,
    page::PageRequest,
    provisioning::find_request,
    tenants::{Rotation, TenantCaller, list_keys, revoke_key, rotate_key},
};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{SLUG, audited, new_tenant};
use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{TestDatabase, sha256},
};

fn rotation(key_id: Uuid) -> Rotation {
    Rotation { key_id: Some(key_id), ..Rotation::default() }
}

async fn keys(db: &TestDatabase) -> Vec<TenantKey> {
    list_keys(&db.engine, &TenantCaller::actor(Actor::Operator, SLUG), PageRequest::default())
        .await
        .unwrap()
        .rows
}

async fn statuses(db: &TestDatabase) -> Vec<KeyStatus> {
    keys(db).await.into_iter().map(|key| key.status).collect()
}

#[tokio::test]
async fn a_rotation_returns_a_new_secret_once_and_ends_the_replaced_key_at_once() {
    let (db, admin, provisioned) = new_tenant().await;
    let [old] = &keys(&db).await[..] else { panic!("a tenant begins with one key") };
    assert_eq!(old.public_key, provisioned.tenant.api_key_public);

    let by = &Actor::from(admin.clone());
    let rotated =
        rotate_key(&db.engine, &TenantCaller::actor(by.clone(), SLUG), &rotation(old.id)).await.unwrap();
    let secret = rotated.secret_key.unwrap();
    assert_eq!(ApiKey::parse(&secret).unwrap().expose(), secret);
    assert!(secret.starts_with("sk_live_golden-spoon_") && Some(&secret) != provisioned.secret_key.as_ref());
    assert!(!rotated.secret_key_revealed);
    let stored: Vec<u8> = sqlx::query_scalar("SELECT secret_hash FROM api_keys WHERE id = $1")
        .bind(rotated.key.id)
        .fetch_one(&db.pool)
        .await
        .unwrap();
    assert_eq!(stored, sha256(&secret));

    let [new, replaced] = &keys(&db).await[..] else { panic!("two keys") };
    assert_eq!((new.id, new.status, new.replaced_by), (rotated.key.id, KeyStatus::Active, None));
    assert_eq!((replaced.status, replaced.replaced_by), (KeyStatus::Expired, Some(new.id)));
    assert_ne!(new.public_key, old.public_key);
    assert_eq!(audited(&db, "key.rotated").await, [admin.name]);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_replaced_key_works_until_its_overlap_ends() {
    let (db, ..) = new_tenant().await;
    let overlap = Overlap::from_hours(24).unwrap();
    let rotation = Rotation { overlap, ..Rotation::default() };
    rotate_key(&db.engine, &TenantCaller::actor(Actor::Operator, SLUG), &rotation).await.unwrap();
    assert_eq!(statuses(&db).await, [KeyStatus::Active, KeyStatus::Expiring]);
    let [new, old] = &keys(&db).await[..] else { panic!("two keys") };
    assert_eq!((old.expires_at.unwrap().0 - new.created_at.0) / 60_000, 24 * 60);
    db.run("UPDATE api_keys SET expires_at = now() WHERE expires_at IS NOT NULL").await;
    assert_eq!(statuses(&db).await, [KeyStatus::Active, KeyStatus::Expired]);
}

#[tokio::test]
async fn a_tenant_is_found_by_its_id_code_or_slug() {
    let (db, _, provisioned) = new_tenant().await;
    let tenant = provisioned.tenant;
    let lower = tenant.code.to_lowercase();
    for reference in [&tenant.id.to_string(), &tenant.code, &lower, &tenant.slug] {
        let page =
            list_keys(&db.engine, &TenantCaller::actor(Actor::Operator, reference), PageRequest::default())
                .await
                .unwrap();
        assert_eq!(page.rows.len(), 1, "{reference}");
    }
    for unknown in ["", "silver-spoon", "TEN-00000099", "golden-spoon\0", &Uuid::new_v4().to_string()] {
        let result =
            list_keys(&db.engine, &TenantCaller::actor(Actor::Operator, unknown), PageRequest::default())
                .await;
        assert_error(result, ErrorCode::TenantNotFound);
    }
    db.run("UPDATE tenants SET status = 'deleted'").await;
    let result =
        rotate_key(&db.engine, &TenantCaller::actor(Actor::Operator, SLUG), &Rotation::default()).await;
    assert_error(result, ErrorCode::TenantNotFound);
}

#[tokio::test]
async fn a_key_whose_slug_became_reserved_can_be_replaced() {
    let (db, ..) = new_tenant().await;
    db.run("UPDATE tenants SET slug = 'admin'").await;
    let rotated =
        rotate_key(&db.engine, &TenantCaller::actor(Actor::Operator, "admin"), &Rotation::default())
            .await
            .unwrap();
    ApiKey::parse(&rotated.secret_key.unwrap()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_several_concurrent_rotations_of_a_key_succeeds() {
    let (db, admin, _) = new_tenant().await;
    let other = db.engine_at(db.options(), 8).await;
    for round in 1..=5 {
        let current = keys(&db).await[0].id;
        let mut calls = JoinSet::new();
        for n in 0..8 {
            let engine = if n % 2 == 0 { db.engine.clone() } else { other.clone() };
            let admin = admin.clone();
            calls.spawn(async move {
                rotate_key(&engine, &TenantCaller::actor(admin.clone(), SLUG), &rotation(current)).await
            });
        }
        let (mut secrets, mut refused) = (Vec::new(), 0);
        while let Some(result) = calls.join_next().await {
            match result.unwrap() {
                Ok(rotated) => secrets.push((rotated.key.id, rotated.secret_key.unwrap())),
                Err(error) => {
                    assert_eq!(error.problem().code, ErrorCode::KeyReplaced);
                    refused += 1;
                }
            }
        }
        let [(id, _)] = &secrets[..] else { panic!("{} secrets", secrets.len()) };
        assert_eq!(refused, 7);
        let keys = keys(&db).await;
        let valid: Vec<Uuid> =
            keys.iter().filter(|key| key.status == KeyStatus::Active).map(|key| key.id).collect();
        assert_eq!((keys.len(), valid), (round + 1, vec![*id]));
    }
    assert_eq!(audited(&db, "key.rotated").await.len(), 5);
    db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_rotate_the_newest_key_at_the_same_time_leave_one_valid_key() {
    let (db, ..) = new_tenant().await;
    let mut calls = JoinSet::new();
    for _ in 0..8 {
        let engine = db.engine.clone();
        calls.spawn(async move {
            rotate_key(&engine, &TenantCaller::actor(Actor::Operator, SLUG), &Rotation::default())
                .await
                .unwrap()
        });
    }
    let rotated = calls.join_all().await;
    let valid: Vec<TenantKey> =
        keys(&db).await.into_iter().filter(|key| key.status == KeyStatus::Active).collect();
    let [valid] = &valid[..] else { panic!("{} valid keys", valid.len()) };
    assert!(rotated.iter().any(|rotated| rotated.key.id == valid.id));
    assert_eq!(db.number("SELECT count(*) FROM api_keys").await, 9);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_repeated_rotation_replaces_nothing_and_names_the_next_step() {
    let (db, admin, _) = new_tenant().await;
    let by = &Actor::from(admin.clone());
    let idempotency_key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
    let old = keys(&db).await[0].id;
    let rotation = Rotation { idempotency_key: Some(idempotency_key), ..rotation(old) };
    let first = rotate_key(&db.engine, &TenantCaller::actor(by.clone(), SLUG), &rotation).await.unwrap();
    let again = rotate_key(&db.engine, &TenantCaller::actor(by.clone(), SLUG), &rotation).await.unwrap();
    assert_eq!((again.key.id, again.secret_key, again.secret_key_revealed), (first.key.id, None, true));
    assert!(again.next_step.unwrap().contains("rotate this key with a new Idempotency-Key"));
    assert_eq!(keys(&db).await.len(), 2);
    assert_eq!(audited(&db, "key.rotated").await.len(), 1);

    let other_overlap = Rotation { overlap: Overlap::from_hours(1).unwrap(), ..rotation.clone() };
    let other_key = Rotation { key_id: Some(first.key.id), ..rotation.clone() };
    for reused in [other_overlap, other_key] {
        let result = rotate_key(&db.engine, &TenantCaller::actor(by.clone(), SLUG), &reused).await;
        assert_error(result, ErrorCode::IdempotencyKeyReused);
    }
    assert_created(db.provision(&admin, &provision_request(draft("silver-spoon"))).await);
    let result = rotate_key(&db.engine, &TenantCaller::actor(by.clone(), "silver-spoon"), &rotation).await;
    assert_error(result, ErrorCode::IdempotencyKeyReused);
    assert_eq!(db.number("SELECT count(*) FROM api_keys").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_calls_with_one_idempotency_key_return_the_secret_once() {
    let (db, admin, _) = new_tenant().await;
    let idempotency_key = IdempotencyKey::from_uuid(Uuid::new_v4()).ok();
    let rotation = Rotation { idempotency_key, ..rotation(keys(&db).await[0].id) };
    let mut calls = JoinSet::new();
    for _ in 0..8 {
        let (engine, admin, rotation) = (db.engine.clone(), admin.clone(), rotation.clone());
        calls.spawn(async move {
            rotate_key(&engine, &TenantCaller::actor(admin.clone(), SLUG), &rotation).await.unwrap()
        });
    }
    let rotated = calls.join_all().await;
    assert_eq!(rotated.iter().filter(|rotated| rotated.secret_key.is_some()).count(), 1);
    assert!(rotated.iter().all(|other| other.key.id == rotated[0].key.id));
    assert_eq!(keys(&db).await.len(), 2);
}

#[tokio::test]
async fn a_revoked_key_ends_at_once_and_can_still_be_replaced() {
    let (db, admin, _) = new_tenant().await;
    let by = &Actor::from(admin.clone());
    let id = keys(&db).await[0].id;
    revoke_key(&db.engine, &TenantCaller::actor(by.clone(), SLUG), id).await.unwrap();
    revoke_key(&db.engine, &TenantCaller::actor(by.clone(), SLUG), id).await.unwrap();
    assert_eq!(statuses(&db).await, [KeyStatus::Revoked]);
    assert_eq!(audited(&db, "key.revoked").await, std::slice::from_ref(&admin.name));
    rotate_key(&db.engine, &TenantCaller::actor(by.clone(), SLUG), &Rotation::default()).await.unwrap();
    assert_eq!(statuses(&db).await, [KeyStatus::Active, KeyStatus::Revoked]);
    assert_error(
        revoke_key(&db.engine, &TenantCaller::actor(by.clone(), SLUG), Uuid::new_v4()).await,
        ErrorCode::ResourceNotFound,
    );
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_viewer_may_neither_see_nor_change_keys() {
    let (db, admin, provisioned) = new_tenant().await;
    let viewer = db.employee(Role::Viewer).await;
    let by = &Actor::from(viewer.clone());
    let id = keys(&db).await[0].id;
    let listed = list_keys(&db.engine, &TenantCaller::actor(by.clone(), SLUG), PageRequest::default()).await;
    assert_error(listed, ErrorCode::Forbidden);
    assert_error(
        rotate_key(&db.engine, &TenantCaller::actor(by.clone(), SLUG), &rotation(id)).await,
        ErrorCode::Forbidden,
    );
    assert_error(
        revoke_key(&db.engine, &TenantCaller::actor(by.clone(), SLUG), id).await,
        ErrorCode::Forbidden,
    );
    assert_eq!(statuses(&db).await, [KeyStatus::Active]);

    let detail = find_request(&db.engine, provisioned.request_id).await.unwrap();
    assert_eq!(detail.clone().for_role(viewer.role).access, None);
    assert_eq!(detail.for_role(admin.role).access.unwrap().key_id, id.to_string());
}

#[tokio::test]
async fn a_request_has_the_current_key_of_its_tenant_and_its_changes_in_the_audit_log() {
    let (db, admin, provisioned) = new_tenant().await;
    let rotated = rotate_key(&db.engine, &TenantCaller::actor(admin.clone(), SLUG), &Rotation::default())
        .await
        .unwrap();
    let detail = find_request(&db.engine, provisioned.request_id).await.unwrap();
    let access = detail.access.unwrap();
    assert_eq!((access.key_id, access.public_key), (rotated.key.id.to_string(), rotated.key.public_key));
    assert_eq!(detail.audit.last().unwrap().action, "key.rotated");
    engine::provisioning::rollback(&db.engine, provisioned.request_id, None, "a test", true).await.unwrap();
    assert_eq!(find_request(&db.engine, provisioned.request_id).await.unwrap().access, None);
    db.assert_invariants().await;
}
