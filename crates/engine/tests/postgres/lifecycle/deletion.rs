use domain::{
    ErrorCode, Role,
    TenantStatus::{Active, Deleted, PendingActivation, Suspended},
};
use engine::{
    access::{Actor, find_invitation},
    provisioning::check_slug,
    tenants::{TenantCaller, delete_tenant, list_keys, restore_tenant, suspend_tenant},
};
use test_support::requests::{assert_created, assert_error, draft, provision_request};

use super::{SLUG, audited, new_tenant, new_tenant_without_owner, refused_rule, status};

#[tokio::test]
async fn a_deletion_needs_the_slug_and_a_restore_gives_the_former_status_back() {
    let (db, admin, created) = new_tenant().await;
    for (typed, rule) in [("", "required"), ("golden", "mismatch")] {
        let refused = delete_tenant(&db.engine, &admin, SLUG, typed).await;
        let problem = assert_error(refused, ErrorCode::ValidationError);
        assert_eq!((problem.errors[0].field.as_str(), problem.errors[0].rule.as_str()), ("slug", rule));
    }
    suspend_tenant(&db.engine, &admin, SLUG, "unpaid").await.unwrap();
    let deleted = delete_tenant(&db.engine, &admin, &created.tenant.code, SLUG).await.unwrap();
    assert_eq!((deleted.status, deleted.status_before_deletion), (Deleted, Some(Suspended)));
    let days = (deleted.restorable_until.unwrap().0 - deleted.deleted_at.unwrap().0) / 86_400_000;
    assert_eq!(days, 30);
    db.assert_invariants().await;
    let restored = restore_tenant(&db.engine, &admin, SLUG).await.unwrap();
    assert_eq!((restored.status, restored.suspension_reason.as_deref()), (Suspended, Some("unpaid")));
    assert_eq!((restored.deleted_at, restored.status_before_deletion), (None, None));
    assert_eq!(
        audited(&db).await[1..],
        [
            r#"tenant.deleted {"status": "suspended"} {"status": "deleted"}"#.to_owned(),
            r#"tenant.restored {"status": "deleted"} {"status": "suspended"}"#.to_owned(),
        ]
    );
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_slug_of_a_deleted_tenant_stays_taken_and_the_refusal_says_so() {
    let (db, admin, _) = new_tenant().await;
    let deleted = delete_tenant(&db.engine, &admin, SLUG, SLUG).await.unwrap();
    let found = check_slug(&db.engine, &SLUG.parse().unwrap(), None).await.unwrap();
    assert_eq!(found.conflict.unwrap().restorable_until, deleted.restorable_until);
    assert_eq!(found.suggestions.len(), 3);
    let other = domain::provisioning::Draft { owner_email: "other@example.com".into(), ..draft(SLUG) };
    let by = db.admin().await;
    let problem = assert_error(db.provision(&by, &provision_request(other)).await, ErrorCode::DuplicateSlug);
    assert!(
        problem.detail().contains("belongs to the deleted tenant The golden-spoon company"),
        "{problem:?}"
    );
}

#[tokio::test]
async fn a_deleted_tenant_has_no_keys_and_no_invitations() {
    let (db, admin, created) = new_tenant().await;
    delete_tenant(&db.engine, &admin, SLUG, SLUG).await.unwrap();
    let link = created.owner.unwrap().invitation_url.unwrap();
    let token = link.rsplit('/').next().unwrap();
    assert_error(find_invitation(&db.engine, token).await, ErrorCode::ResourceNotFound);
    let page = engine::page::PageRequest::default();
    let keys = list_keys(&db.engine, &TenantCaller::actor(admin.clone(), SLUG), page).await;
    assert_error(keys, ErrorCode::TenantNotFound);
}

#[tokio::test]
async fn only_a_deleted_tenant_is_restored_and_only_for_30_days() {
    let (db, admin, _) = new_tenant().await;
    assert_eq!(refused_rule(restore_tenant(&db.engine, &admin, SLUG).await), "not_deleted");
    delete_tenant(&db.engine, &admin, SLUG, SLUG).await.unwrap();
    assert_eq!(refused_rule(delete_tenant(&db.engine, &admin, SLUG, SLUG).await), "deleted");
    db.run("UPDATE tenants SET deleted_at = now() - interval '30 days'").await;
    assert_eq!(refused_rule(restore_tenant(&db.engine, &admin, SLUG).await), "too_late");
    db.run("UPDATE tenants SET purged_at = now(), owner_id = NULL").await;
    assert_error(restore_tenant(&db.engine, &admin, SLUG).await, ErrorCode::TenantNotFound);
}

#[tokio::test]
async fn a_tenant_without_an_owner_can_be_deleted_and_restored() {
    let (db, admin, _) = new_tenant_without_owner().await;
    delete_tenant(&db.engine, &admin, SLUG, SLUG).await.unwrap();
    db.assert_invariants().await;
    assert_eq!(restore_tenant(&db.engine, &admin, SLUG).await.unwrap().status, PendingActivation);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_viewer_neither_deletes_nor_restores() {
    let (db, admin, _) = new_tenant().await;
    let viewer = Actor::from(db.employee(Role::Viewer).await);
    assert_error(delete_tenant(&db.engine, &viewer, SLUG, SLUG).await, ErrorCode::Forbidden);
    assert_eq!(status(&db).await, Active);
    delete_tenant(&db.engine, &admin, SLUG, SLUG).await.unwrap();
    assert_error(restore_tenant(&db.engine, &viewer, SLUG).await, ErrorCode::Forbidden);
    assert_eq!(status(&db).await, Deleted);
}

#[tokio::test]
async fn an_id_that_is_the_slug_of_a_deleted_tenant_finds_it_for_a_restore_only() {
    let (db, admin, created) = new_tenant().await;
    let by = db.admin().await;
    let other = assert_created(db.provision(&by, &provision_request(draft("silver-spoon"))).await);
    delete_tenant(&db.engine, &admin, &created.tenant.id.to_string(), SLUG).await.unwrap();
    let restored = restore_tenant(&db.engine, &admin, &created.tenant.id.to_string()).await.unwrap();
    assert_eq!((restored.id, restored.status), (created.tenant.id, Active));
    assert_ne!(restored.id, other.tenant.id);
}
