use domain::{
    ErrorCode, Role,
    invitation::{Invitation, InvitationStatus},
    password::Password,
};
use engine::{
    Error,
    access::{Actor, InvitationLink, accept_invitation, find_invitation},
    page::PageRequest,
    pipeline::{MaintenanceTimeouts, run_maintenance},
    tenants::{TenantCaller, list_invitations, resend_invitation, revoke_invitation},
};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{SLUG, audited, new_tenant};
use test_support::{
    requests::assert_error,
    test_database::{ORIGIN, TestDatabase},
};

/// The token of a link.
fn token(url: &str) -> String {
    url.strip_prefix(&format!("{ORIGIN}/invitation/")).unwrap().to_owned()
}

async fn resend(db: &TestDatabase) -> Result<String, Error> {
    let resent =
        resend_invitation(&db.engine, &TenantCaller::actor(Actor::Operator, SLUG), None, ORIGIN).await?;
    Ok(token(&resent.invitation_url))
}

async fn accept(db: &TestDatabase, token: &str) -> Result<(), Error> {
    let password = Password::parse("correct horse battery", &[]).unwrap();
    accept_invitation(&db.engine, token, &password, ORIGIN).await.map(drop)
}

async fn invitation(db: &TestDatabase) -> Invitation {
    let page = list_invitations(&db.engine, &Actor::Operator, SLUG, PageRequest::default()).await.unwrap();
    page.rows.into_iter().next().unwrap()
}

async fn status(db: &TestDatabase) -> InvitationStatus {
    invitation(db).await.status
}

async fn assert_link_ended(db: &TestDatabase, token: &str) {
    assert_error(find_invitation(&db.engine, token).await, ErrorCode::ResourceNotFound);
    assert_error(accept(db, token).await, ErrorCode::ResourceNotFound);
}

#[tokio::test]
async fn a_resent_invitation_has_a_new_link_for_seven_days_and_ends_the_former_link_at_once() {
    let (db, admin, provisioned) = new_tenant().await;
    let owner = provisioned.owner.unwrap();
    let former = token(&owner.invitation_url.unwrap());
    let before = invitation(&db).await;
    assert_eq!((before.status, before.role.as_str()), (InvitationStatus::Pending, "owner"));
    db.run("UPDATE one_time_tokens SET created_at = created_at - interval '6 days', expires_at = expires_at - interval '6 days'").await;

    let by = &Actor::from(admin.clone());
    let resent =
        resend_invitation(&db.engine, &TenantCaller::actor(by.clone(), SLUG), Some(before.id), ORIGIN)
            .await
            .unwrap();
    assert_eq!((resent.invitation.id, resent.invitation.email), (before.id, owner.email));
    assert_eq!(
        db.number(
            "SELECT round(extract(epoch FROM expires_at - now()) / 86400)::bigint FROM one_time_tokens"
        )
        .await,
        7
    );
    assert_link_ended(&db, &former).await;
    let link = token(&resent.invitation_url);
    assert!(matches!(find_invitation(&db.engine, &link).await.unwrap(), InvitationLink::Open(_)));
    accept(&db, &link).await.unwrap();
    assert_eq!(status(&db).await, InvitationStatus::Accepted);
    assert_eq!(audited(&db, "invitation.resent").await, [admin.name]);
    db.assert_invariants().await;
}

#[tokio::test]
async fn an_accepted_invitation_is_neither_resent_nor_revoked() {
    let (db, _, provisioned) = new_tenant().await;
    let link = token(&provisioned.owner.unwrap().invitation_url.unwrap());
    accept(&db, &link).await.unwrap();
    assert_error(resend(&db).await, ErrorCode::InvitationAccepted);
    let revoked = revoke_invitation(&db.engine, &TenantCaller::actor(Actor::Operator, SLUG), None).await;
    assert_error(revoked, ErrorCode::InvitationAccepted);
    assert!(matches!(find_invitation(&db.engine, &link).await.unwrap(), InvitationLink::Accepted));
    // Also after maintenance has deleted the record of the link.
    db.run("DELETE FROM one_time_tokens").await;
    assert_error(resend(&db).await, ErrorCode::InvitationAccepted);
    assert_eq!(db.number("SELECT count(*) FROM one_time_tokens").await, 0);
}

#[tokio::test]
async fn a_revoked_invitation_ends_at_once_and_can_be_sent_again() {
    let (db, admin, provisioned) = new_tenant().await;
    let link = token(&provisioned.owner.unwrap().invitation_url.unwrap());
    let by = &Actor::from(admin.clone());
    let id = invitation(&db).await.id;
    revoke_invitation(&db.engine, &TenantCaller::actor(by.clone(), SLUG), Some(id)).await.unwrap();
    revoke_invitation(&db.engine, &TenantCaller::actor(by.clone(), SLUG), Some(id)).await.unwrap();
    assert_eq!(status(&db).await, InvitationStatus::Revoked);
    assert_link_ended(&db, &link).await;
    assert_eq!(audited(&db, "invitation.revoked").await, std::slice::from_ref(&admin.name));
    let again = resend(&db).await.unwrap();
    assert_eq!(status(&db).await, InvitationStatus::Pending);
    accept(&db, &again).await.unwrap();
    db.assert_invariants().await;
}

#[tokio::test]
async fn an_invitation_can_be_sent_again_after_it_expired_and_its_record_was_deleted() {
    let (db, ..) = new_tenant().await;
    let id = invitation(&db).await.id;
    db.run("UPDATE one_time_tokens SET expires_at = now() - interval '31 days'").await;
    assert_eq!(status(&db).await, InvitationStatus::Expired);
    run_maintenance(&db.engine, MaintenanceTimeouts::default()).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM one_time_tokens").await, 0);
    let expired = invitation(&db).await;
    assert_eq!((expired.id, expired.status, expired.expires_at), (id, InvitationStatus::Expired, None));
    let link = resend(&db).await.unwrap();
    accept(&db, &link).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_who_resend_at_the_same_time_leave_one_valid_link() {
    let (db, ..) = new_tenant().await;
    let mut calls = JoinSet::new();
    for _ in 0..8 {
        let engine = db.engine.clone();
        calls.spawn(async move {
            resend_invitation(&engine, &TenantCaller::actor(Actor::Operator, SLUG), None, ORIGIN)
                .await
                .unwrap()
                .invitation_url
        });
    }
    let mut valid = 0;
    for url in calls.join_all().await {
        valid += i32::from(find_invitation(&db.engine, &token(&url)).await.is_ok());
    }
    assert_eq!(valid, 1);
    assert_eq!(audited(&db, "invitation.resent").await.len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_either_accepted_or_resent_when_both_are_tried_at_once() {
    let (db, _, provisioned) = new_tenant().await;
    let mut link = token(&provisioned.owner.unwrap().invitation_url.unwrap());
    for _ in 0..20 {
        let (accepted, resent) = tokio::join!(accept(&db, &link), resend(&db));
        match resent {
            // The resent invitation ended the link first.
            Ok(next) => {
                assert_error(accepted, ErrorCode::ResourceNotFound);
                link = next;
            }
            Err(error) => {
                assert_eq!(error.problem().code, ErrorCode::InvitationAccepted);
                accepted.unwrap();
                db.run("UPDATE users SET password_hash = NULL; UPDATE one_time_tokens SET used_at = NULL")
                    .await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_either_accepted_or_revoked_when_both_are_tried_at_once() {
    let (db, _, provisioned) = new_tenant().await;
    let mut link = token(&provisioned.owner.unwrap().invitation_url.unwrap());
    for _ in 0..20 {
        let by = TenantCaller::actor(Actor::Operator, SLUG);
        let revoke = revoke_invitation(&db.engine, &by, None);
        let (accepted, revoked) = tokio::join!(accept(&db, &link), revoke);
        match revoked {
            Ok(()) => {
                assert_error(accepted, ErrorCode::ResourceNotFound);
                assert_eq!(status(&db).await, InvitationStatus::Revoked);
                link = resend(&db).await.unwrap();
            }
            Err(error) => {
                assert_eq!(error.problem().code, ErrorCode::InvitationAccepted);
                accepted.unwrap();
                assert_eq!(status(&db).await, InvitationStatus::Accepted);
                db.run("UPDATE users SET password_hash = NULL; UPDATE one_time_tokens SET used_at = NULL")
                    .await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_revoked_while_it_is_accepted_sets_no_password() {
    let (db, _, provisioned) = new_tenant().await;
    let link = token(&provisioned.owner.unwrap().invitation_url.unwrap());
    let mut revoking = db.pool.begin().await.unwrap();
    sqlx::raw_sql("SELECT FROM one_time_tokens FOR UPDATE").execute(&mut *revoking).await.unwrap();
    let engine = db.engine.clone();
    let password = Password::parse("correct horse battery", &[]).unwrap();
    let accepting = tokio::spawn(async move { accept_invitation(&engine, &link, &password, ORIGIN).await });
    db.wait_until(
        "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')",
    )
    .await;
    // The link expires after the acceptance began, as if the revocation began later.
    sqlx::raw_sql(
        "UPDATE one_time_tokens SET revoked_at = clock, expires_at = clock FROM clock_timestamp() clock",
    )
    .execute(&mut *revoking)
    .await
    .unwrap();
    revoking.commit().await.unwrap();
    assert_error(accepting.await.unwrap(), ErrorCode::ResourceNotFound);
    assert_eq!(status(&db).await, InvitationStatus::Revoked);
    assert_eq!(db.number("SELECT count(*) FROM users WHERE password_hash IS NOT NULL").await, 0);
}

#[tokio::test]
async fn without_an_id_the_owners_invitation_is_changed_also_after_newer_members_joined() {
    let (db, _, provisioned) = new_tenant().await;
    db.run(
        "WITH member AS (
             INSERT INTO users (id, email, email_canonical, name)
             SELECT gen_random_uuid(), address, address, 'Noor Haddad'
             FROM (SELECT 'noor' || n || '@bakery.example' AS address FROM generate_series(1, 60) n) addresses
             RETURNING id
         )
         INSERT INTO memberships (tenant_id, user_id, role, created_at)
         SELECT t.id, m.id, 'member', clock_timestamp() FROM member m, tenants t",
    )
    .await;
    assert_eq!(invitation(&db).await.role, "member");
    let resent = resend_invitation(&db.engine, &TenantCaller::actor(Actor::Operator, SLUG), None, ORIGIN)
        .await
        .unwrap();
    assert_eq!(resent.invitation.email, provisioned.owner.unwrap().email);
}

#[tokio::test]
async fn a_viewer_may_neither_see_nor_change_invitations() {
    let (db, ..) = new_tenant().await;
    let viewer = db.employee(Role::Viewer).await;
    let by = &Actor::from(viewer.clone());
    let listed = list_invitations(&db.engine, by, SLUG, PageRequest::default()).await;
    assert_error(listed, ErrorCode::Forbidden);
    assert_error(
        resend_invitation(&db.engine, &TenantCaller::actor(by.clone(), SLUG), None, ORIGIN).await,
        ErrorCode::Forbidden,
    );
    assert_error(
        revoke_invitation(&db.engine, &TenantCaller::actor(by.clone(), SLUG), None).await,
        ErrorCode::Forbidden,
    );
    assert_eq!(status(&db).await, InvitationStatus::Pending);
    let unknown = Some(Uuid::new_v4());
    let result =
        resend_invitation(&db.engine, &TenantCaller::actor(Actor::Operator, SLUG), unknown, ORIGIN).await;
    assert_error(result, ErrorCode::ResourceNotFound);
}
