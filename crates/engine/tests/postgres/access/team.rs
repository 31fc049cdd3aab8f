//! Invitations by mail, resets of passwords, scopes of tokens, and what the team page shows.

use domain::{
    ErrorCode, Role,
    access::{ApiScope, EmployeeStatus, EmployeeSummary},
    invitation::InvitationStatus,
    paths::RequestKind,
};
use engine::{
    access::{
        EmployeeUpdate, NewToken, accept_setup_link, authenticate_token, create_token, end_other_sessions,
        find_session, find_setup_link, invite_employee, list_employees, list_own_sessions, record_sign_in,
        renew_setup_link, reset_password_with_link, revoke_employee_invitation, send_password_reset, sign_in,
        update_employee,
    },
    page::PageRequest,
    provisioning::provision,
};
use secrecy::ExposeSecret;
use test_support::{
    requests::{assert_error, draft, provision_request},
    test_database::TestDatabase,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{ADDRESS, Actor, ORIGIN, PASSWORD, audited, email, invitee, password, person, session_of, token};

const DISABLE: EmployeeUpdate = EmployeeUpdate { status: Some(EmployeeStatus::Disabled), role: None };
const DEMOTE: EmployeeUpdate = EmployeeUpdate { status: None, role: Some(Role::Viewer) };

async fn listed(db: &TestDatabase, id: Uuid) -> EmployeeSummary {
    let page = list_employees(&db.engine, &Actor::Operator, PageRequest::default()).await.unwrap();
    page.rows.into_iter().find(|employee| employee.id == id).unwrap()
}

/// How many messages of a kind have this status.
async fn messages(db: &TestDatabase, kind: &str, status: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM outbox_messages WHERE kind = '{kind}' AND status = '{status}'");
    db.number(&sql).await
}

#[tokio::test]
async fn an_invitation_is_mailed_sent_again_and_revoked() {
    let db = TestDatabase::new().await;
    let ada: Actor = person(&db, "ada", Role::SuperAdmin).await.into();
    let address = email("bob@example.com");
    let invited = invite_employee(&db.engine, &ada, invitee("bob", &address, Role::Admin)).await.unwrap();
    let id = invited.employee.id;
    let first = db.token_of_message("employee_invitation").await;
    assert_eq!(first, invited.link.token.expose_secret());
    let invitation = listed(&db, id).await.invitation.unwrap();
    assert_eq!(
        (invitation.status, invitation.expires_at),
        (InvitationStatus::Pending, Some(invited.link.expires_at))
    );

    renew_setup_link(&db.engine, &ada, id, ORIGIN).await.unwrap();
    assert_eq!(find_setup_link(&db.engine, &first).await.unwrap(), None);
    assert_eq!(messages(&db, "employee_invitation", "cancelled").await, 1);

    for _ in 0..2 {
        let revoked = revoke_employee_invitation(&db.engine, &ada, id).await.unwrap();
        assert_eq!(revoked.invitation.unwrap().status, InvitationStatus::Revoked);
    }
    assert_eq!(messages(&db, "employee_invitation", "cancelled").await, 2);

    let third = renew_setup_link(&db.engine, &ada, id, ORIGIN).await.unwrap().link.token;
    accept_setup_link(&db.engine, third.expose_secret(), &password(PASSWORD)).await.unwrap();
    assert_eq!(listed(&db, id).await.invitation, None);
    let late = revoke_employee_invitation(&db.engine, &ada, id).await;
    assert_error(late, ErrorCode::InvalidTransition);
    let revocations = audited(&db).await.into_iter().filter(|(name, _)| name.ends_with("link_revoked"));
    assert_eq!(revocations.count(), 1);
    db.assert_invariants().await;
}

#[tokio::test]
async fn an_expired_invitation_is_shown_as_expired_also_after_its_record_was_deleted() {
    let db = TestDatabase::new().await;
    let address = email("bob@example.com");
    let new = invitee("bob", &address, Role::Viewer);
    let id = invite_employee(&db.engine, &Actor::Operator, new).await.unwrap().employee.id;
    db.run("UPDATE one_time_tokens SET expires_at = now() - interval '1 day'").await;
    assert_eq!(listed(&db, id).await.invitation.unwrap().status, InvitationStatus::Expired);
    db.run("DELETE FROM one_time_tokens").await;
    assert_eq!(listed(&db, id).await.invitation.unwrap().status, InvitationStatus::Expired);
}

#[tokio::test]
async fn a_super_admin_sends_a_link_and_the_employee_chooses_the_password() {
    let db = TestDatabase::new().await;
    let ada: Actor = person(&db, "ada", Role::SuperAdmin).await.into();
    let bob = person(&db, "bob", Role::Admin).await;
    let session = session_of(&db, &bob).await;
    send_password_reset(&db.engine, &ada, bob.id, ORIGIN).await.unwrap();
    let again = send_password_reset(&db.engine, &ada, bob.id, ORIGIN).await;
    assert_error(again, ErrorCode::RateLimited);
    assert!(find_session(&db.engine, &session, RequestKind::User).await.unwrap().is_some());
    let link = db.token_of_message("password_reset").await;
    let new = "amber lantern meadow seven";
    reset_password_with_link(&db.engine, &link, &password(new), ORIGIN).await.unwrap();
    sign_in(&db.engine, "bob@example.com", new, ADDRESS).await.unwrap();
    assert!(find_session(&db.engine, &session, RequestKind::User).await.unwrap().is_none());

    for role in [Role::Admin, Role::Viewer] {
        let actor = db.employee(role).await.into();
        let refused = send_password_reset(&db.engine, &actor, bob.id, ORIGIN).await;
        assert_error(refused, ErrorCode::Forbidden);
    }
    let unknown = send_password_reset(&db.engine, &ada, Uuid::new_v4(), ORIGIN).await;
    assert_error(unknown, ErrorCode::ResourceNotFound);
    let address = email("eve@example.com");
    let new = invitee("eve", &address, Role::Viewer);
    let eve = invite_employee(&db.engine, &ada, new).await.unwrap().employee.id;
    let without_password = send_password_reset(&db.engine, &ada, eve, ORIGIN).await;
    assert_error(without_password, ErrorCode::InvalidTransition);
    update_employee(&db.engine, &ada, bob.id, DISABLE).await.unwrap();
    let disabled = send_password_reset(&db.engine, &ada, bob.id, ORIGIN).await;
    assert_error(disabled, ErrorCode::InvalidTransition);
    let sent = audited(&db).await.into_iter().filter(|(name, _)| name == "employee.password_reset_sent");
    assert_eq!(sent.count(), 1);
}

#[tokio::test]
async fn the_list_counts_the_sessions_and_tokens_that_disabling_would_end() {
    let db = TestDatabase::new().await;
    let bob = person(&db, "bob", Role::Admin).await;
    assert_eq!(listed(&db, bob.id).await.last_seen_at, None);
    session_of(&db, &bob).await;
    db.run("UPDATE sessions SET last_seen_at = now() - interval '31 minutes'").await;
    let session = session_of(&db, &bob).await;
    let issued = create_token(&db.engine, &bob.clone().into(), token("ci", Role::Admin)).await.unwrap();
    let service = authenticate_token(&db.engine, issued.token.expose_secret()).await.unwrap().unwrap();
    create_token(&db.engine, &service.employee.into(), token("nested", Role::Viewer)).await.unwrap();
    let counted = listed(&db, bob.id).await;
    assert_eq!((counted.sessions, counted.tokens), (1, 2));
    assert!(counted.last_seen_at.is_some());

    record_sign_in(&db.engine, &session, Some("Firefox on Linux"), "192.0.2.7").await.unwrap();
    let own = list_own_sessions(&db.engine, &bob, Some(&session), PageRequest::default()).await.unwrap();
    let current = own.rows.into_iter().find(|session| session.is_current).unwrap();
    assert_eq!(
        (current.device.as_deref(), current.client_address.as_deref()),
        (Some("Firefox on Linux"), Some("192.0.2.7"))
    );
    update_employee(&db.engine, &Actor::Operator, bob.id, DISABLE).await.unwrap();
    let disabled = listed(&db, bob.id).await;
    assert_eq!((disabled.sessions, disabled.tokens), (0, 0));
    assert!(disabled.last_seen_at.is_some(), "the last sign-in is kept");
}

#[tokio::test]
async fn an_employee_ends_all_other_sessions() {
    let db = TestDatabase::new().await;
    let (ada, bob) = (person(&db, "ada", Role::SuperAdmin).await, person(&db, "bob", Role::Viewer).await);
    let of_ada = session_of(&db, &ada).await;
    let (other, current) = (session_of(&db, &bob).await, session_of(&db, &bob).await);
    assert_eq!(end_other_sessions(&db.engine, &bob, Some(&current)).await.unwrap(), 1);
    for (session, is_open) in [(&of_ada, true), (&current, true), (&other, false)] {
        let found = find_session(&db.engine, session, RequestKind::User).await.unwrap();
        assert_eq!(found.is_some(), is_open);
    }
}

#[tokio::test]
async fn a_token_with_scopes_provisions_and_creates_tokens_only_within_them() {
    let db = TestDatabase::new().await;
    let ada: Actor = person(&db, "ada", Role::SuperAdmin).await.into();
    let scoped = async |actor: &Actor, scopes: &[ApiScope]| {
        let new = NewToken { name: "ci", role: Role::Admin, days: 1, scopes: Some(scopes) };
        create_token(&db.engine, actor, new).await
    };
    let reader = scoped(&ada, &[ApiScope::TenantsRead, ApiScope::TokensWrite]).await.unwrap();
    let bearer = authenticate_token(&db.engine, reader.token.expose_secret()).await.unwrap().unwrap();
    assert_eq!(bearer.scopes, Some(vec![ApiScope::TenantsRead, ApiScope::TokensWrite]));
    let problem = assert_error(bearer.require_scope(Some(ApiScope::TenantsWrite)), ErrorCode::Forbidden);
    assert!(problem.errors[0].message.contains("tenants:write"), "{problem:?}");
    let as_token = Actor::from(bearer.employee);
    scoped(&as_token, &[ApiScope::TenantsRead]).await.unwrap();
    assert_error(scoped(&as_token, &[ApiScope::AuditRead]).await, ErrorCode::Forbidden);
    let unlimited = create_token(&db.engine, &as_token, token("all", Role::Viewer)).await;
    assert_error(unlimited, ErrorCode::Forbidden);

    let writer = scoped(&ada, &[ApiScope::TenantsWrite]).await.unwrap();
    let call = async |issued: engine::access::IssuedToken, slug: &str| {
        let caller = engine::access::Caller::Token(issued.token);
        provision(&db.engine, caller, provision_request(draft(slug)), ORIGIN).await
    };
    assert_error(call(reader, "golden-spoon").await, ErrorCode::Forbidden);
    call(writer, "golden-spoon").await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_removals_of_two_super_admins_leave_one_in_each_combination() {
    let db = TestDatabase::new().await;
    for (round, changes) in
        [[DISABLE, DISABLE], [DISABLE, DEMOTE], [DEMOTE, DISABLE], [DEMOTE, DEMOTE]].into_iter().enumerate()
    {
        for attempt in 0..3 {
            db.run("TRUNCATE sessions, admin_tokens, employees CASCADE").await;
            let mut ids = Vec::new();
            for side in 0..2 {
                let name = format!("admin{round}{attempt}{side}");
                ids.push(person(&db, &name, Role::SuperAdmin).await.id);
            }
            let mut running = JoinSet::new();
            for (id, change) in ids.into_iter().zip(changes) {
                let engine = db.engine.clone();
                // The operator, who cannot lose a right, so that only the rule of the last super admin refuses.
                running.spawn(async move { update_employee(&engine, &Actor::Operator, id, change).await });
            }
            let results = running.join_all().await;
            let refused: Vec<_> = results.into_iter().filter_map(Result::err).collect();
            assert_eq!(refused.len(), 1, "round {round}");
            let problem = refused[0].problem();
            assert_eq!(
                (problem.code, problem.errors[0].rule.as_str()),
                (ErrorCode::InvalidTransition, "last_super_admin")
            );
            let remaining = "SELECT count(*) FROM employees WHERE role = 'SUPER_ADMIN' AND status = 'active'";
            assert_eq!(db.number(remaining).await, 1);
        }
    }
}

#[tokio::test]
async fn the_last_super_admin_cannot_be_deleted() {
    let db = TestDatabase::new().await;
    person(&db, "ada", Role::SuperAdmin).await;
    let refused = db.try_run("DELETE FROM employees WHERE name = 'ada'").await.unwrap_err();
    let constraint = refused.as_database_error().and_then(|error| error.constraint()).map(str::to_owned);
    assert_eq!(constraint.as_deref(), Some("employees_last_super_admin"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_right_is_announced_to_every_server() {
    let db = TestDatabase::new().await;
    let bob = person(&db, "bob", Role::Admin).await;
    session_of(&db, &bob).await;
    let mut changes = db.engine.access_changes();
    tokio::spawn(db.engine.clone().listen_for_changes());
    db.wait_until("EXISTS (SELECT FROM pg_stat_activity WHERE query ILIKE 'LISTEN \"tenantry_access\"%')")
        .await;
    for sql in [
        "UPDATE employees SET role = 'VIEWER' WHERE name = 'bob'",
        "DELETE FROM sessions",
        "UPDATE employees SET status = 'disabled' WHERE name = 'bob'",
    ] {
        changes.mark_unchanged();
        db.run(sql).await;
        tokio::time::timeout(std::time::Duration::from_secs(10), changes.changed()).await.unwrap().unwrap();
    }
}
