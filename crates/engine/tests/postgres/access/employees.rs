//! Creating, listing, disabling and enabling employees, and changing their roles.

use domain::{
    ErrorCode, Role,
    access::{EmployeeStatus, EmployeeSummary},
    paths::RequestKind,
};
use engine::{
    Error,
    access::{
        Employee, EmployeeUpdate, accept_setup_link, create_token, find_session, find_setup_link, find_token,
        invite_employee, list_employees, renew_setup_link, sign_in, update_employee,
    },
    page::{Limit, PageRequest},
};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{ADDRESS, Actor, ORIGIN, PASSWORD, audited, email, invitee, password, person, session_of, token};
use test_support::{requests::assert_error, test_database::TestDatabase};

const DISABLE: EmployeeUpdate = EmployeeUpdate { status: Some(EmployeeStatus::Disabled), role: None };
const ENABLE: EmployeeUpdate = EmployeeUpdate { status: Some(EmployeeStatus::Active), role: None };

fn to_role(role: Role) -> EmployeeUpdate {
    EmployeeUpdate { role: Some(role), status: None }
}

async fn update(
    db: &TestDatabase,
    actor: &Employee,
    id: Uuid,
    update: EmployeeUpdate,
) -> Result<EmployeeSummary, Error> {
    update_employee(&db.engine, &actor.clone().into(), id, update).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_super_admin_remains_when_two_disable_or_demote_each_other_at_once() {
    let db = TestDatabase::new().await;
    for (round, change) in [DISABLE, to_role(Role::Viewer)].into_iter().cycle().take(10).enumerate() {
        db.run("TRUNCATE sessions, admin_tokens, employees CASCADE").await;
        let one = person(&db, &format!("one{round}"), Role::SuperAdmin).await;
        let two = person(&db, &format!("two{round}"), Role::SuperAdmin).await;
        let mut changes = JoinSet::new();
        for (actor, other) in [(one.clone(), two.id), (two, one.id)] {
            let engine = db.engine.clone();
            changes.spawn(async move { update_employee(&engine, &actor.into(), other, change).await });
        }
        let results = changes.join_all().await;
        let refused: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
        assert_eq!(refused.len(), 1, "{results:?}");
        let expected = if change == DISABLE { ErrorCode::Unauthenticated } else { ErrorCode::Forbidden };
        assert_eq!(refused[0].problem().code, expected);
        let remaining = "SELECT count(*) FROM employees WHERE role = 'SUPER_ADMIN' AND status = 'active'";
        assert_eq!(db.number(remaining).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_statements_cannot_disable_all_super_admins() {
    let db = TestDatabase::new().await;
    for name in ["one", "two"] {
        person(&db, name, Role::SuperAdmin).await;
    }
    let disable = |name: &str| format!("UPDATE employees SET status = 'disabled' WHERE name = '{name}'");
    let mut first = db.pool.begin().await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(disable("one"))).execute(&mut *first).await.unwrap();
    let (pool, statement) = (db.pool.clone(), disable("two"));
    let second =
        tokio::spawn(async move { sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&pool).await });
    db.wait_until(
        "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory')",
    )
    .await;
    first.commit().await.unwrap();
    let error = second.await.unwrap().unwrap_err();
    let constraint = error.as_database_error().and_then(|error| error.constraint()).map(str::to_owned);
    assert_eq!(constraint.as_deref(), Some("employees_last_super_admin"));
}

#[tokio::test]
async fn the_last_active_super_admin_cannot_be_disabled_or_demoted() {
    let db = TestDatabase::new().await;
    let (ada, bob) = (person(&db, "ada", Role::SuperAdmin).await, person(&db, "bob", Role::SuperAdmin).await);
    // A service does not count, because its token expires.
    db.employee(Role::SuperAdmin).await;
    update(&db, &ada, bob.id, DISABLE).await.unwrap();
    for change in [DISABLE, to_role(Role::Admin)] {
        for actor in [Actor::Operator, ada.clone().into()] {
            let result = update_employee(&db.engine, &actor, ada.id, change).await;
            let problem = assert_error(result, ErrorCode::InvalidTransition);
            assert_eq!(problem.errors[0].rule, "last_super_admin");
            assert!(problem.detail().contains("last super admin who can sign in"), "{}", problem.detail());
        }
    }
    update(&db, &ada, bob.id, ENABLE).await.unwrap();
    let ada_now = update(&db, &ada, ada.id, to_role(Role::Admin)).await.unwrap();
    assert_eq!((ada_now.role, ada_now.status), (Role::Admin, EmployeeStatus::Active));
}

#[tokio::test]
async fn a_super_admin_without_a_password_does_not_count_as_the_one_who_remains() {
    let db = TestDatabase::new().await;
    let ada = person(&db, "ada", Role::SuperAdmin).await;
    let (by_ada, address) = (ada.clone().into(), email("bob@example.com"));
    let invited =
        invite_employee(&db.engine, &by_ada, invitee("bob", &address, Role::SuperAdmin)).await.unwrap();
    let bob = invited.employee.id;
    let assert_ada_must_remain = async || {
        for change in [DISABLE, to_role(Role::Admin)] {
            let problem = assert_error(update(&db, &ada, ada.id, change).await, ErrorCode::InvalidTransition);
            assert_eq!(problem.errors[0].rule, "last_super_admin");
        }
    };
    assert_ada_must_remain().await;
    db.run("UPDATE one_time_tokens SET expires_at = now()").await;
    assert_ada_must_remain().await;

    for change in [to_role(Role::Viewer), to_role(Role::SuperAdmin), DISABLE, ENABLE] {
        update(&db, &ada, bob, change).await.unwrap();
    }
    let renewed = renew_setup_link(&db.engine, &by_ada, bob, ORIGIN).await.unwrap();
    accept_setup_link(&db.engine, renewed.link.token.expose_secret(), &password(PASSWORD)).await.unwrap();
    update(&db, &ada, ada.id, DISABLE).await.unwrap();
}

#[tokio::test]
async fn a_super_admin_without_a_password_can_be_disabled_when_there_is_no_other_super_admin() {
    let db = TestDatabase::new().await;
    let address = email("bob@example.com");
    let invited = invite_employee(&db.engine, &Actor::Operator, invitee("bob", &address, Role::SuperAdmin))
        .await
        .unwrap();
    let id = invited.employee.id;
    let disabled = update_employee(&db.engine, &Actor::Operator, id, DISABLE).await.unwrap();
    assert_eq!(disabled.status, EmployeeStatus::Disabled);
}

#[tokio::test]
async fn only_a_super_admin_manages_employees() {
    let db = TestDatabase::new().await;
    let ada = person(&db, "ada", Role::SuperAdmin).await;
    for role in [Role::Admin, Role::Viewer] {
        let actor = db.employee(role).await.into();
        let address = email("new@example.com");
        let invited = invite_employee(&db.engine, &actor, invitee("New", &address, Role::Viewer)).await;
        assert_error(invited, ErrorCode::Forbidden);
        let changed = update_employee(&db.engine, &actor, ada.id, to_role(Role::Viewer)).await;
        assert_error(changed, ErrorCode::Forbidden);
        assert_error(renew_setup_link(&db.engine, &actor, ada.id, ORIGIN).await, ErrorCode::Forbidden);
        let listed = list_employees(&db.engine, &actor, PageRequest::default()).await;
        // An admin sees who else works with the console.
        match role {
            Role::Viewer => drop(assert_error(listed, ErrorCode::Forbidden)),
            _ => assert_eq!(listed.unwrap().rows.len(), 1),
        }
    }
    assert_eq!(audited(&db).await, [("employee.created".into(), "operator".into())]);
}

#[tokio::test]
async fn a_super_admin_who_was_demoted_or_disabled_a_moment_ago_changes_nothing() {
    let db = TestDatabase::new().await;
    let (ada, bob) = (person(&db, "ada", Role::SuperAdmin).await, person(&db, "bob", Role::SuperAdmin).await);
    let eve = person(&db, "eve", Role::Viewer).await;
    update(&db, &ada, bob.id, to_role(Role::Admin)).await.unwrap();
    assert_error(update(&db, &bob, eve.id, to_role(Role::SuperAdmin)).await, ErrorCode::Forbidden);
    let created = create_token(&db.engine, &bob.clone().into(), token("ci", Role::SuperAdmin)).await;
    assert_error(created, ErrorCode::Forbidden);
    update(&db, &ada, bob.id, DISABLE).await.unwrap();
    assert_error(update(&db, &bob, eve.id, DISABLE).await, ErrorCode::Unauthenticated);
    let created = create_token(&db.engine, &bob.into(), token("ci", Role::Viewer)).await;
    assert_error(created, ErrorCode::Unauthenticated);
}

#[tokio::test]
async fn disabling_an_employee_ends_sessions_tokens_and_the_setup_link() {
    let db = TestDatabase::new().await;
    let (ada, bob) = (person(&db, "ada", Role::SuperAdmin).await, person(&db, "bob", Role::Admin).await);
    let session = session_of(&db, &bob).await;
    let issued = create_token(&db.engine, &bob.clone().into(), token("ci", Role::Admin)).await.unwrap();
    let service = find_token(&db.engine, issued.token.expose_secret()).await.unwrap().unwrap();
    let nested = create_token(&db.engine, &service.into(), token("nested", Role::Viewer)).await.unwrap();
    let address = email("new@example.com");
    let invited = invite_employee(&db.engine, &ada.clone().into(), invitee("New", &address, Role::Viewer))
        .await
        .unwrap();

    for id in [bob.id, invited.employee.id] {
        assert_eq!(update(&db, &ada, id, DISABLE).await.unwrap().status, EmployeeStatus::Disabled);
    }
    let assert_withdrawn = async || {
        assert!(find_session(&db.engine, &session, RequestKind::User).await.unwrap().is_none());
        for token in [&issued.token, &nested.token] {
            assert!(find_token(&db.engine, token.expose_secret()).await.unwrap().is_none());
        }
        let link = invited.link.token.expose_secret();
        assert_eq!(find_setup_link(&db.engine, link).await.unwrap(), None);
    };
    assert_withdrawn().await;
    let refused = sign_in(&db.engine, "bob@example.com", PASSWORD, ADDRESS).await;
    assert_error(refused, ErrorCode::Unauthenticated);

    for id in [bob.id, invited.employee.id] {
        assert_eq!(update(&db, &ada, id, ENABLE).await.unwrap().status, EmployeeStatus::Active);
    }
    assert_withdrawn().await;
    sign_in(&db.engine, "bob@example.com", PASSWORD, ADDRESS).await.unwrap();
    renew_setup_link(&db.engine, &ada.into(), invited.employee.id, ORIGIN).await.unwrap();
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_sign_in_that_overlaps_with_disabling_opens_no_session() {
    let db = TestDatabase::new().await;
    person(&db, "bob", Role::Admin).await;
    let mut disabling = db.pool.begin().await.unwrap();
    sqlx::raw_sql("UPDATE employees SET status = 'disabled' WHERE built_in IS NULL")
        .execute(&mut *disabling)
        .await
        .unwrap();
    let engine = db.engine.clone();
    let signing_in =
        tokio::spawn(async move { sign_in(&engine, "bob@example.com", PASSWORD, ADDRESS).await });
    db.wait_until(
        "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')",
    )
    .await;
    disabling.commit().await.unwrap();
    assert_error(signing_in.await.unwrap(), ErrorCode::Unauthenticated);
    assert_eq!(db.number("SELECT count(*) FROM sessions").await, 0);
}

#[tokio::test]
async fn a_lower_role_also_applies_to_the_tokens_that_the_employee_created() {
    let db = TestDatabase::new().await;
    let (ada, bob) = (person(&db, "ada", Role::SuperAdmin).await, person(&db, "bob", Role::SuperAdmin).await);
    let mut tokens = Vec::new();
    for role in [Role::SuperAdmin, Role::Admin, Role::Viewer] {
        let issued = create_token(&db.engine, &bob.clone().into(), token("ci", role)).await.unwrap();
        tokens.push(issued.token);
    }
    let roles = async || {
        let mut roles = Vec::new();
        for token in &tokens {
            roles.push(find_token(&db.engine, token.expose_secret()).await.unwrap().unwrap().role);
        }
        roles
    };
    update(&db, &ada, bob.id, to_role(Role::Admin)).await.unwrap();
    assert_eq!(roles().await, [Role::Admin, Role::Admin, Role::Viewer]);
    update(&db, &ada, bob.id, to_role(Role::SuperAdmin)).await.unwrap();
    assert_eq!(roles().await, [Role::Admin, Role::Admin, Role::Viewer]);
    update(&db, &ada, bob.id, to_role(Role::Viewer)).await.unwrap();
    assert_eq!(roles().await, [Role::Viewer, Role::Viewer, Role::Viewer]);
    db.assert_invariants().await;
}

#[tokio::test]
async fn every_change_of_an_employee_is_audited_with_its_actor() {
    let db = TestDatabase::new().await;
    let ada = person(&db, "ada", Role::SuperAdmin).await;
    let address = email("bob@example.com");
    let invited = invite_employee(&db.engine, &ada.clone().into(), invitee("bob", &address, Role::Admin))
        .await
        .unwrap();
    let bob = invited.employee.id;
    let as_bob = Employee { id: bob, name: "bob".into(), role: Role::Admin }.into();
    create_token(&db.engine, &as_bob, token("ci", Role::Admin)).await.unwrap();
    // Setting the current value again is not a change.
    for change in [to_role(Role::Viewer), to_role(Role::Viewer), DISABLE, DISABLE, ENABLE] {
        update(&db, &ada, bob, change).await.unwrap();
    }
    let expected = [
        ("employee.created", "operator"),
        ("employee.created", "ada"),
        ("token.created", "bob"),
        ("employee.role_changed", "ada"),
        ("token.role_changed", "ada"),
        ("employee.disabled", "ada"),
        ("token.revoked", "ada"),
        ("employee.enabled", "ada"),
    ];
    assert_eq!(audited(&db).await, expected.map(|(action, actor)| (action.into(), actor.into())));
    let roles = "SELECT before ->> 'role' || ' ' || (after ->> 'role') FROM audit_log WHERE action = 'employee.role_changed'";
    assert_eq!(db.text(roles).await, "ADMIN VIEWER");
    let actor =
        format!("SELECT count(*) FROM audit_log WHERE actor_id = '{}' AND subject_id = '{bob}'", ada.id);
    assert_eq!(db.number(&actor).await, 4);
}

#[tokio::test]
async fn the_pages_of_a_list_contain_each_employee_once() {
    let db = TestDatabase::new().await;
    let ada = person(&db, "ada", Role::SuperAdmin).await;
    for name in ["bob", "cy", "dee", "eve"] {
        person(&db, name, Role::Viewer).await;
    }
    db.run("UPDATE employees SET created_at = now() WHERE name <> 'ada' AND built_in IS NULL").await;
    let limit = Limit::parse("2").unwrap();
    let (mut sizes, mut names) = (Vec::new(), Vec::new());
    let mut after = None;
    loop {
        let page =
            list_employees(&db.engine, &ada.clone().into(), PageRequest { limit, after }).await.unwrap();
        sizes.push(page.rows.len());
        names.extend(page.rows.into_iter().map(|employee| employee.name));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(names.pop().as_deref(), Some("ada"), "the oldest comes last");
    names.sort();
    assert_eq!(names, ["bob", "cy", "dee", "eve"]);
}
