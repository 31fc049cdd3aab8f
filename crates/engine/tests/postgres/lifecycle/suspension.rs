use domain::{
    ErrorCode, Role,
    TenantStatus::{Active, Suspended},
    password::Password,
};
use engine::{
    access::{Actor, InvitationLink, accept_invitation, find_invitation},
    tenants::{delete_tenant, read_tenant, resume_tenant, suspend_tenant},
};
use test_support::{requests::assert_error, test_database::ORIGIN};

use super::{SLUG, audited, new_tenant, new_tenant_without_owner, refused_rule, status};

fn password() -> Password {
    Password::parse("violet kettle harbour nine", &[]).unwrap()
}

#[tokio::test]
async fn an_admin_suspends_an_active_tenant_with_a_reason_and_resumes_it() {
    let (db, admin, created) = new_tenant().await;
    let suspended = suspend_tenant(&db.engine, &admin, SLUG, " Unpaid invoices ").await.unwrap();
    assert_eq!((suspended.id, suspended.status), (created.tenant.id, Suspended));
    assert_eq!(suspended.suspension_reason.as_deref(), Some("Unpaid invoices"));
    assert!(suspended.suspended_at.is_some() && suspended.version == 2);
    let record = read_tenant(&db.engine, SLUG).await.unwrap();
    assert_eq!(
        (record.suspended_at, record.suspension_reason),
        (suspended.suspended_at, suspended.suspension_reason)
    );
    let resumed = resume_tenant(&db.engine, &admin, &created.tenant.code).await.unwrap();
    assert_eq!((resumed.status, resumed.suspended_at, resumed.suspension_reason), (Active, None, None));
    assert_eq!(
        audited(&db).await,
        [
            r#"tenant.suspended {"status": "active"} {"reason": "Unpaid invoices", "status": "suspended"}"#,
            r#"tenant.resumed {"reason": "Unpaid invoices", "status": "suspended"} {"status": "active"}"#,
        ]
    );
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_suspension_without_a_reason_or_by_a_viewer_is_refused() {
    let (db, admin, _) = new_tenant().await;
    let problem =
        assert_error(suspend_tenant(&db.engine, &admin, SLUG, " ").await, ErrorCode::ValidationError);
    assert_eq!((problem.errors[0].field.as_str(), problem.errors[0].rule.as_str()), ("reason", "required"));
    let viewer = Actor::from(db.employee(Role::Viewer).await);
    assert_error(suspend_tenant(&db.engine, &viewer, SLUG, "unpaid").await, ErrorCode::Forbidden);
    assert_error(resume_tenant(&db.engine, &viewer, SLUG).await, ErrorCode::Forbidden);
    assert_error(suspend_tenant(&db.engine, &admin, "nobody", "unpaid").await, ErrorCode::TenantNotFound);
    assert_eq!((status(&db).await, audited(&db).await.len()), (Active, 0));
}

#[tokio::test]
async fn only_an_active_tenant_is_suspended_and_only_a_suspended_one_resumed() {
    let (db, admin, _) = new_tenant().await;
    assert_eq!(refused_rule(resume_tenant(&db.engine, &admin, SLUG).await), "not_suspended");
    suspend_tenant(&db.engine, &admin, SLUG, "unpaid").await.unwrap();
    assert_eq!(refused_rule(suspend_tenant(&db.engine, &admin, SLUG, "unpaid").await), "not_active");
    delete_tenant(&db.engine, &admin, SLUG, SLUG).await.unwrap();
    assert_eq!(refused_rule(resume_tenant(&db.engine, &admin, SLUG).await), "not_suspended");
    assert_eq!(refused_rule(suspend_tenant(&db.engine, &admin, SLUG, "unpaid").await), "not_active");

    let (db, admin, _) = new_tenant_without_owner().await;
    let error = suspend_tenant(&db.engine, &admin, SLUG, "unpaid").await.unwrap_err().problem();
    assert_eq!(error.detail(), "The tenant is pending activation. Only an active tenant can be suspended.");
}

#[tokio::test]
async fn an_invitation_to_a_suspended_tenant_cannot_be_accepted_until_the_tenant_is_resumed() {
    let (db, admin, created) = new_tenant().await;
    let link = created.owner.unwrap().invitation_url.unwrap();
    let token = link.rsplit('/').next().unwrap();
    suspend_tenant(&db.engine, &admin, SLUG, "unpaid").await.unwrap();
    assert_error(find_invitation(&db.engine, token).await, ErrorCode::TenantSuspended);
    assert_error(accept_invitation(&db.engine, token, &password(), ORIGIN).await, ErrorCode::TenantSuspended);
    assert_eq!(db.number("SELECT count(*) FROM users WHERE password_hash IS NOT NULL").await, 0);
    resume_tenant(&db.engine, &admin, SLUG).await.unwrap();
    assert!(matches!(find_invitation(&db.engine, token).await.unwrap(), InvitationLink::Open(_)));
    accept_invitation(&db.engine, token, &password(), ORIGIN).await.unwrap();
}

#[tokio::test]
async fn a_resumed_tenant_is_no_longer_on_a_trial_that_has_ended() {
    let (db, admin, _) = new_tenant().await;
    for (ends, is_kept) in [("now() + interval '1 day'", true), ("now() - interval '1 day'", false)] {
        db.run(&format!("UPDATE tenants SET trial_ends_at = {ends}")).await;
        suspend_tenant(&db.engine, &admin, SLUG, "unpaid").await.unwrap();
        let resumed = resume_tenant(&db.engine, &admin, SLUG).await.unwrap();
        assert_eq!(resumed.trial_ends_at.is_some(), is_kept);
    }
    assert!(audited(&db).await[3].ends_with(r#"{"status": "active", "trialEndsAt": null}"#));
}
